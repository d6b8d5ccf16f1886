import { shortIdOf } from '../codec/event-id.js'
import type { EventId, ShortId } from '../model/event.js'
import { prefixRange } from '../storage/store.js'
import type { Store, StoreChange } from '../storage/store.js'
import { logKeys } from './log-keys.js'
import type { WaitingEvent } from './waiting-row.js'

/** Events whose parents are missing or whose time has not come: bounded (`waiting-shares.ts`), and kept over restarts. */
export class WaitingRoom {
  readonly #store: Store
  readonly #events = new Map<EventId, WaitingEvent>()
  readonly #byMissing = new Map<EventId, Set<EventId>>()
  #loaded: Promise<void> | undefined

  constructor(store: Store) {
    this.#store = store
  }

  /** Reads what waits from the store, once. */
  load(): Promise<void> {
    this.#loaded ??= this.#load().catch((error: unknown) => {
      this.forget()
      throw error
    })
    return this.#loaded
  }

  /** After a failed write: what is in memory may not be in the store. */
  forget(): void {
    this.#loaded = undefined
    this.#events.clear()
    this.#byMissing.clear()
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

  /** `row`: see `waiting-row.ts`. */
  add(event: WaitingEvent, row: Uint8Array, changes: StoreChange[]): void {
    this.remove(event.id, changes)
    this.#insert(event)
    changes.push([logKeys.waiting(event.id), row])
  }

  remove(id: EventId, changes: StoreChange[]): void {
    const event = this.#events.get(id)
    if (event === undefined) return
    this.#events.delete(id)
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
    for (const missing of event.missing) {
      const waiters = this.#byMissing.get(missing) ?? new Set()
      waiters.add(event.id)
      this.#byMissing.set(missing, waiters)
    }
  }

  async #load(): Promise<void> {
    for await (const page of this.#store.range(prefixRange('w/'))) {
      // Loaded where something waits.
      const { decodeWaiting } = await import('./waiting-row.js')
      for (const [key, value] of page) {
        const event = decodeWaiting(key.slice(2) as EventId, value)
        if (event !== undefined) this.#insert(event)
      }
    }
  }
}
