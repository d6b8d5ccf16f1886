import { decodeFields, encode } from '../codec/dag-cbor.js'
import { eventIdToBytes, parseAuthorId, parseEventId, shortIdOf, shortIdsToBytes } from '../codec/event-id.js'
import { encodeText } from '../codec/text.js'
import { firstSeq } from '../model/event.js'
import type { AuthorId, EventHeader, EventId, ShortId } from '../model/event.js'
import { isLevel, isNetwork } from '../model/network.js'
import type { Level, Network } from '../model/network.js'
import { isValueList } from '../model/value.js'
import type { Value } from '../model/value.js'
import { prefixRange } from '../storage/store.js'
import type { Store, StoreChange } from '../storage/store.js'
import { logKeys } from './log-keys.js'
import { encodePositionRow } from './position-row.js'

/** What this device took of a snapshot instead of a space's past. */
export interface Base {
  /** The member who vouches for it. */
  readonly author: AuthorId
  readonly network: Network
  /** The network's name for it. */
  readonly reference: string
  /** How far the network says that the snapshot got; `local` once it has taken that back. */
  readonly level: Level
  /** Milliseconds since 1970. */
  readonly at: number
  /** Events that it covers. */
  readonly events: number
  /** Of this device's log when it was taken. */
  readonly position: number
  /** Where each author's chain had got. */
  readonly tips: ReadonlyMap<AuthorId, ChainTip>
}

export interface ChainTip {
  readonly seq: number
  readonly id: EventId
  /** Of one that superseded others: the last of these, which its author may still have built on. */
  readonly last?: ShortId
}

type Place = Pick<EventHeader, 'space' | 'author' | 'seq' | 'supersedes'>

/** A head of a merged document that took the places of others. */
export interface SupersedingHead {
  readonly id: EventId
  readonly author: AuthorId
  readonly supersedes: readonly ShortId[]
}

/** What a base covers. */
export interface Coverage {
  /** Of the events that are merged: as `sortIds` puts them. */
  readonly ids: Uint8Array
  /** Events up to the tips that come whole, in the same transaction. */
  readonly carried: ReadonlySet<EventId>
  readonly heads: readonly SupersedingHead[]
}

interface Unwritten {
  readonly buckets: ReadonlyMap<string, Uint8Array>
  readonly carried: ReadonlySet<EventId>
}
const NOTHING: Unwritten = { buckets: new Map(), carried: new Set() }

/**
 * Of each covered event's id, so many bytes of its hash are kept: to make an event whose id would pass for one of 100,000, somebody would have to
 * try 2^63 of them.
 */
export const COVERED_ID_BYTES = 10
const HASH_START = 4
const ROW = '+/v/'

/** The events that this device knows by a snapshot only: their effects are here, they are not. Ids are kept by their first byte. */
export class CoveredEvents {
  readonly #store: Pick<Store, 'get'>
  /** By the space's reference; undefined where it was decided to do without. */
  readonly #bases: ReadonlyMap<string, Base | undefined>
  /** Of a base that is not written yet. */
  readonly #unwritten: Unwritten
  /** Lists that grew since the base was taken. */
  readonly #learned = new Map<string, Uint8Array>()

  constructor(store: Pick<Store, 'get'>, bases: ReadonlyMap<string, Base | undefined>, unwritten: Unwritten = NOTHING) {
    this.#store = store
    this.#bases = bases
    this.#unwritten = unwritten
  }

  static async load(store: Store): Promise<CoveredEvents> {
    const bases = new Map<string, Base | undefined>()
    for await (const page of store.range(prefixRange(ROW))) {
      for (const [key, row] of page) bases.set(key.slice(ROW.length), decodeBase(row))
    }
    return new CoveredEvents(store, bases)
  }

  /** Whether the space has a base, or does without. */
  isDecided(space: string): boolean {
    return this.#bases.has(space)
  }

  baseOf(space: string): Base | undefined {
    return this.#bases.get(space)
  }

  bases(): readonly (readonly [space: string, base: Base])[] {
    return [...this.#bases].flatMap(([space, base]) => (base === undefined ? [] : [[space, base] as const]))
  }

  /** Whether the snapshot that is being taken carries the event whole. */
  carries(id: EventId): boolean {
    return this.#unwritten.carried.has(id)
  }

  /** How many of the places that an event claims are those of covered events, and so of others than this. */
  placesTaken({ space, author, seq, supersedes }: Place, id: EventId): number {
    const tip = this.#bases.get(space)?.tips.get(author)
    if (tip === undefined || this.carries(id)) return 0
    const first = firstSeq({ seq, ...(supersedes === undefined ? {} : { supersedes }) })
    return Math.max(0, Math.min(tip.seq, seq) - first + 1)
  }

  /** Whether the base says what comes before the event in its author's chain, and it names just that. */
  vouchesForPlaceOf(event: Place & { readonly id: EventId; readonly previous?: EventId }): boolean {
    const { space, author, previous, id } = event
    if (this.carries(id)) return true
    const tip = this.#bases.get(space)?.tips.get(author)
    if (tip === undefined || previous === undefined || tip.seq !== firstSeq(event) - 1) return false
    return tip.id === previous || tip.last === shortIdOf(previous)
  }

  /** Whether the event's effects are in the space's base. */
  async has(space: string, id: EventId): Promise<boolean> {
    return await this.#hasPrefix(space, hashPrefix(id))
  }

  /** Whether the event's effects are there by the word of its author: in one that took its place. */
  async hasSuperseded(space: string, { author, id }: { readonly author: AuthorId; readonly id: EventId }): Promise<boolean> {
    return this.#bases.get(space) !== undefined && (await this.#hasPrefix(space, await supersededPrefix(author, shortIdOf(id))))
  }

  /** Whether all of these are covered themselves. */
  async hasAll(space: string, ids: readonly ShortId[]): Promise<boolean> {
    for (const id of ids) if (!(await this.#hasPrefix(space, shortIdsToBytes([id])))) return false
    return true
  }

  /** From now on the event is covered itself, so that others who built on it are understood. @returns the row that says so */
  async learn(space: string, id: EventId): Promise<StoreChange> {
    const hash = hashPrefix(id)
    const key = logKeys.covered(space, hash[0] ?? 0)
    const bucket = (await this.#bucket(key)) ?? new Uint8Array()
    const known = Array.from({ length: bucket.length / COVERED_ID_BYTES }, (_, index) =>
      bucket.subarray(index * COVERED_ID_BYTES, (index + 1) * COVERED_ID_BYTES),
    )
    const grown = sortIds([...known, hash])
    this.#learned.set(key, grown)
    return [key, grown]
  }

  async #hasPrefix(space: string, hash: Uint8Array): Promise<boolean> {
    if (this.#bases.get(space) === undefined) return false
    const bucket = await this.#bucket(logKeys.covered(space, hash[0] ?? 0))
    return bucket !== undefined && isIn(bucket, hash)
  }

  async #bucket(key: string): Promise<Uint8Array | undefined> {
    return this.#learned.get(key) ?? this.#unwritten.buckets.get(key) ?? (await this.#store.get(key))
  }

  /** With a base that is about to be written, and the rows that write it. */
  adopt(
    space: string,
    base: Base,
    { ids, carried, heads }: Coverage,
  ): { readonly covered: CoveredEvents; readonly changes: readonly StoreChange[] } {
    const buckets = bucketsOf(ids).flatMap((bucket, index) =>
      bucket.length === 0 ? [] : [[logKeys.covered(space, index), bucket] as const],
    )
    const covered = new CoveredEvents(this.#store, new Map([...this.#bases, [space, base]]), { buckets: new Map(buckets), carried })
    // Of position 0: they are not in the log.
    const standIns = heads.flatMap(({ id, author, supersedes }) =>
      supersedes.map((short): StoreChange => [logKeys.standIn(short, author), encodePositionRow({ position: 0, by: id })]),
    )
    return { covered, changes: [...buckets, ...standIns, [logKeys.base(space), encodeBase(base)]] }
  }
}

/** The row of a space that does without a snapshot. */
export function withoutBase(space: string): StoreChange {
  return [logKeys.base(space), encode({ v: 1 })]
}

/** The first bytes of the hash in an EventId. */
export function hashPrefix(id: EventId): Uint8Array {
  return eventIdToBytes(id).subarray(HASH_START, HASH_START + COVERED_ID_BYTES)
}

/** What stands in the list for an event that is known by the word of its author only. Hashed, so that nobody can make it meet another's. */
export async function supersededPrefix(author: AuthorId, short: ShortId): Promise<Uint8Array> {
  const digest = await crypto.subtle.digest('SHA-256', encodeText(`superseded/${author}/${short}`))
  return new Uint8Array(digest).subarray(0, COVERED_ID_BYTES)
}

/** A list of hash prefixes, each once, in the order of their bytes. */
export function sortIds(ids: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const sorted = ids.toSorted(compareBytes).filter((id, index, all) => index === 0 || compareBytes(all[index - 1] ?? id, id) !== 0)
  const bytes = new Uint8Array(sorted.length * COVERED_ID_BYTES)
  for (const [index, id] of sorted.entries()) bytes.set(id, index * COVERED_ID_BYTES)
  return bytes
}

/** Whether a list is as `sortIds` makes it. */
export function isSortedIds(ids: Uint8Array): boolean {
  if (ids.length % COVERED_ID_BYTES !== 0) return false
  for (let at = COVERED_ID_BYTES; at < ids.length; at += COVERED_ID_BYTES) {
    if (compareBytes(ids.subarray(at - COVERED_ID_BYTES, at), ids.subarray(at, at + COVERED_ID_BYTES)) >= 0) return false
  }
  return true
}

/** A Merkle root of a sorted list: SHA-256 over the SHA-256 of each of its 256 buckets, one for each first byte. */
export async function rootOf(ids: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const leaves = await Promise.all(bucketsOf(ids).map((bucket) => crypto.subtle.digest('SHA-256', new Uint8Array(bucket))))
  const joined = new Uint8Array(leaves.length * 32)
  for (const [index, leaf] of leaves.entries()) joined.set(new Uint8Array(leaf), index * 32)
  return new Uint8Array(await crypto.subtle.digest('SHA-256', joined))
}

export function encodeBase({ author, network, reference, level, at, events, position, tips }: Base): Uint8Array {
  const chains = [...tips].map(([of, { seq, id, last }]) => [of, seq, id, ...(last === undefined ? [] : [last])])
  return encode({ v: 1, author, network, reference, level, at, events, position, tips: chains })
}

/** Undefined for a space that does without. A row that can't be read would be missed: then the whole past comes again, as without one. */
function decodeBase(row: Uint8Array): Base | undefined {
  const { author, network, reference, level, at, events, position, tips } = decodeFields(row)
  if (!isNetwork(network) || !isLevel(level) || typeof reference !== 'string' || !isValueList(tips)) return undefined
  if (typeof at !== 'number' || typeof events !== 'number' || typeof position !== 'number') return undefined
  return { author: parseAuthorId(author), network, reference, level, at, events, position, tips: new Map(tips.map(parseTip)) }
}

function parseTip(value: Value): readonly [AuthorId, ChainTip] {
  const [author, seq, id, last] = isValueList(value) ? value : []
  const tip = { seq: Number(seq), id: parseEventId(id) }
  return [parseAuthorId(author), typeof last === 'string' ? { ...tip, last: last as ShortId } : tip]
}

function bucketsOf(ids: Uint8Array): readonly Uint8Array[] {
  const buckets: Uint8Array[] = []
  let start = 0
  for (let first = 0; first < 256; first++) {
    let end = start
    while (end < ids.length && ids[end] === first) end += COVERED_ID_BYTES
    buckets.push(ids.subarray(start, end))
    start = end
  }
  return buckets
}

/** Whether one of the list begins so. */
function isIn(bucket: Uint8Array, hash: Uint8Array): boolean {
  let low = 0
  let high = bucket.length / COVERED_ID_BYTES
  while (low < high) {
    const middle = (low + high) >> 1
    const order = compareBytes(bucket.subarray(middle * COVERED_ID_BYTES, middle * COVERED_ID_BYTES + hash.length), hash)
    if (order === 0) return true
    if (order < 0) low = middle + 1
    else high = middle
  }
  return false
}

function compareBytes(one: Uint8Array, other: Uint8Array): number {
  for (let index = 0; index < one.length; index++) {
    const order = (one[index] ?? 0) - (other[index] ?? 0)
    if (order !== 0) return order
  }
  return one.length - other.length
}
