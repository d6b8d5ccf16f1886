import { decodeText } from '../codec/text.js'
import { decodeEvent } from '../codec/event-codec.js'
import { computeEventId, shortIdOf } from '../codec/event-id.js'
import { verifyEvent } from '../crypto/verified-events.js'
import type { AuthorId, EventContent, EventHeader, EventId, ShortId } from '../model/event.js'
import { spaceOf } from '../model/path.js'
import type { SpaceId, StatePath } from '../model/path.js'
import type { Store } from '../storage/store.js'
import { hashPrefix, supersededPrefix } from './covered-events.js'
import type { ChainTip, SupersedingHead } from './covered-events.js'
import { openContent } from './log.js'
import type { EventLog } from './log.js'
import { logKeys } from './log-keys.js'
import { decodeOriginal } from './original-row.js'
import type { SpaceDirectory } from './space-directory.js'

export type { SpaceAccess } from './space-directory.js'
export type { Base, ChainTip, SupersedingHead } from './covered-events.js'
export { COVERED_ID_BYTES, isSortedIds, rootOf, sortIds, withoutBase } from './covered-events.js'

/** An event of a space as a snapshot counts it. */
export interface ScannedEvent {
  readonly position: number
  readonly header: EventHeader
  readonly path: StatePath
  /** Hash prefixes of its id and of those that it stands for. */
  readonly ids: readonly Uint8Array[]
  /** Of one that superseded others. */
  readonly superseding?: SupersedingHead
}

/** A signed event that a snapshot carries, verified. */
export interface CarriedEvent {
  readonly id: EventId
  readonly header: EventHeader
  readonly content: EventContent
}

/** The log as snapshots are made of it, and held to it. */
export class SnapshotSource {
  readonly #store: Store
  readonly #log: EventLog
  readonly #spaces: SpaceDirectory

  constructor({ store, log, spaces }: { readonly store: Store; readonly log: EventLog; readonly spaces: SpaceDirectory }) {
    this.#store = store
    this.#log = log
    this.#spaces = spaces
  }

  /** Where each author's chain in a space has got: one look-up or two an author. */
  async tips(space: SpaceId): Promise<ReadonlyMap<AuthorId, ChainTip>> {
    const tips = new Map<AuthorId, ChainTip>()
    const all = logKeys.chainOf(space, '' as AuthorId)
    const [start, end] = [all.from.slice(0, -1), `${all.from.slice(0, -2)}0`]
    for (let from = start; ;) {
      const key = await this.#first({ from, to: end })
      const author = key?.split('/')[2] as AuthorId | undefined
      const head = author === undefined ? undefined : await this.#log.chainHead(space, author)
      if (author === undefined || head === undefined) return tips
      tips.set(author, head)
      from = logKeys.chainOf(space, author).to
    }
  }

  /** The space's events from a position to another, both included. */
  async *scan(space: SpaceId, from: number, to: number): AsyncIterableIterator<ScannedEvent> {
    for await (const { position, row } of this.#log.forwards(from)) {
      if (position > to) return
      if (spaceOf(row.path) !== space) continue
      const { header } = decodeEvent(row.bytes)
      const id = await computeEventId(row.bytes)
      const { author, supersedes } = header
      const logged = { position, header, path: row.path }
      if (supersedes === undefined) yield { ...logged, ids: [hashPrefix(id)] }
      else {
        const superseding = { id, author, supersedes }
        yield { ...logged, ids: [hashPrefix(id), ...(await this.#supersededBy(superseding))], superseding }
      }
    }
  }

  /** By their ids where they are here, as others may have built on them; else by their author's word. */
  async #supersededBy({ id, author, supersedes }: SupersedingHead): Promise<readonly Uint8Array[]> {
    const here = new Map<ShortId, EventId>()
    for (const original of await this.#log.originalRows(id)) {
      const known = await computeEventId(decodeOriginal(original).row.bytes)
      here.set(shortIdOf(known), known)
    }
    const prefixes: Uint8Array[] = []
    for (const short of supersedes) {
      const known = here.get(short)
      prefixes.push(known === undefined ? await supersededPrefix(author, short) : hashPrefix(known))
    }
    return prefixes
  }

  /** Signed bytes, in the order of the positions. */
  async bytesAt(positions: readonly number[]): Promise<readonly Uint8Array[]> {
    const events = await Promise.all(positions.map((position) => this.#log.readAt(position)))
    return events.flatMap((event) => (event === undefined ? [] : [event.bytes]))
  }

  async bytesOf(ids: readonly EventId[]): Promise<readonly Uint8Array[]> {
    const events = await Promise.all(ids.map((id) => this.#log.read(id)))
    return events.flatMap((event) => (event === undefined ? [] : [event.bytes]))
  }

  isLogged(ids: readonly EventId[]): Promise<readonly boolean[]> {
    return this.#log.positionsOf(ids).then((positions) => positions.map((position) => position !== undefined))
  }

  /** Undefined unless the bytes are an event that its author signed, and that can be opened. */
  async readCarried(bytes: Uint8Array): Promise<CarriedEvent | undefined> {
    const copy = new Uint8Array(bytes)
    try {
      const decoded = decodeEvent(copy)
      const id = await computeEventId(copy)
      if (!(await verifyEvent({ id, decoded }))) return undefined
      return { id, header: decoded.header, content: await openContent(decoded, this.#spaces) }
    } catch {
      // Whatever is wrong with it, it is none that a snapshot may carry: the caller says so.
      return undefined
    }
  }

  async #first(range: { readonly from: string; readonly to: string }): Promise<string | undefined> {
    for await (const page of this.#store.range({ ...range, limit: 1 })) for (const [key] of page) return key
    return undefined
  }

  /** How far a network was pulled from. */
  async cursor(network: string): Promise<string> {
    const row = await this.#store.get(logKeys.cursor(network))
    return row === undefined ? '' : decodeText(row)
  }
}

/** The space and the author of signed bytes; undefined for others. */
export function originOf(bytes: Uint8Array): Pick<EventHeader, 'space' | 'author'> | undefined {
  try {
    return decodeEvent(new Uint8Array(bytes)).header
  } catch {
    // No event: the intake says why.
    return undefined
  }
}
