import { decodeFields, encode } from '../codec/dag-cbor.js'
import { shortIdOf } from '../codec/event-id.js'
import type { EventId, ShortId } from '../model/event.js'
import { isNetwork } from '../model/network.js'
import type { Network } from '../model/network.js'
import { prefixRange } from '../storage/store.js'
import type { Store, StoreChange } from '../storage/store.js'
import type { Receipt } from '../model/receipt.js'
import { logKeys } from './log-keys.js'
import { decodeReceipts, encodeReceipts } from './receipt-book.js'

/** An event that can't be applied yet. */
export interface WaitingEvent {
  readonly id: EventId
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly network: Network
  readonly reason: string
  readonly missing: readonly EventId[]
  /** Milliseconds since 1970 before which it is not tried again; 0 when it waits for other events or, where none is missing, for its body. */
  readonly until: number
  /** A snapshot carries it whole: its place is in the past that this covers. */
  readonly carried?: boolean
  /** What its networks said of it meanwhile: a pull does not say it again. */
  readonly receipts?: readonly Receipt[]
}

export const MAX_WAITING = 10_000
export const MAX_WAITING_BYTES = 16 * 1024 * 1024

/** Events whose parents are missing or whose time has not come: bounded, and kept over restarts. */
export class WaitingRoom {
  readonly #store: Store
  readonly #events = new Map<EventId, WaitingEvent>()
  readonly #byMissing = new Map<EventId, Set<EventId>>()
  #bytes = 0
  #loaded: Promise<void> | undefined

  constructor(store: Store) {
    this.#store = store
  }

  /** Reads what waits from the store, once. */
  load(): Promise<void> {
    this.#loaded ??= this.#load()
    return this.#loaded
  }

  /** After a failed write: what is in memory may not be in the store. */
  forget(): void {
    this.#loaded = undefined
    this.#events.clear()
    this.#byMissing.clear()
    this.#bytes = 0
  }

  has(id: EventId): boolean {
    return this.#events.has(id)
  }

  get(id: EventId): WaitingEvent | undefined {
    return this.#events.get(id)
  }

  list(): readonly WaitingEvent[] {
    return [...this.#events.values()]
  }

  /** Parents that are asked for and not waiting themselves. */
  missing(): readonly EventId[] {
    return [...this.#byMissing.keys()].filter((id) => !this.#events.has(id))
  }

  fits(event: WaitingEvent): boolean {
    return this.#events.size < MAX_WAITING && this.#bytes + event.bytes.length <= MAX_WAITING_BYTES
  }

  add(event: WaitingEvent, changes: StoreChange[]): void {
    this.remove(event.id, changes)
    this.#insert(event)
    const { id, ...row } = event
    changes.push([logKeys.waiting(id), encodeWaiting(row)])
  }

  remove(id: EventId, changes: StoreChange[]): void {
    const event = this.#events.get(id)
    if (event === undefined) return
    this.#events.delete(id)
    this.#bytes -= event.bytes.length
    for (const missing of event.missing) {
      const waiters = this.#byMissing.get(missing)
      waiters?.delete(id)
      if (waiters?.size === 0) this.#byMissing.delete(missing)
    }
    changes.push([logKeys.waiting(id), undefined])
  }

  /** Who waited for this event, or for one that it supersedes. */
  waitersOf(id: EventId, supersedes: readonly ShortId[] = []): readonly WaitingEvent[] {
    const shorts = new Set(supersedes)
    const names = shorts.size === 0 ? [id] : [id, ...[...this.#byMissing.keys()].filter((missing) => shorts.has(shortIdOf(missing)))]
    const waiters = new Set(names.flatMap((name) => [...(this.#byMissing.get(name) ?? [])]))
    return [...waiters].flatMap((waiter) => this.#events.get(waiter) ?? [])
  }

  /** Those that lack nothing but their bodies. */
  forBodies(): readonly WaitingEvent[] {
    return this.list().filter(({ until, missing }) => until === 0 && missing.length === 0)
  }

  /** Those whose time has come. */
  due(now: number): readonly WaitingEvent[] {
    return this.list().filter((event) => event.until > 0 && event.until <= now)
  }

  #insert(event: WaitingEvent): void {
    this.#events.set(event.id, event)
    this.#bytes += event.bytes.length
    for (const missing of event.missing) {
      const waiters = this.#byMissing.get(missing) ?? new Set()
      waiters.add(event.id)
      this.#byMissing.set(missing, waiters)
    }
  }

  async #load(): Promise<void> {
    for await (const page of this.#store.range(prefixRange('w/'))) {
      for (const [key, value] of page) {
        const event = decodeWaiting(key.slice(2) as EventId, value)
        if (event !== undefined) this.#insert(event)
      }
    }
  }
}

function encodeWaiting({ receipts = [], ...rest }: Omit<WaitingEvent, 'id'>): Uint8Array {
  return encode({ ...rest, ...(receipts.length === 0 ? {} : { receipts: encodeReceipts(receipts) }) })
}

/** A record that does not decode was damaged: the event comes again with its network. */
function decodeWaiting(id: EventId, row: Uint8Array): WaitingEvent | undefined {
  const { bytes, network, reason, missing, until, carried, receipts } = decodeFields(row)
  if (
    !(bytes instanceof Uint8Array) ||
    !isNetwork(network) ||
    typeof reason !== 'string' ||
    typeof until !== 'number' ||
    !Array.isArray(missing)
  )
    return undefined
  return {
    id,
    bytes: new Uint8Array(bytes),
    network,
    reason,
    until,
    carried: carried === true,
    missing: missing.filter((item): item is EventId => typeof item === 'string'),
    ...(receipts instanceof Uint8Array ? { receipts: decodeReceipts(id, receipts) } : {}),
  }
}
