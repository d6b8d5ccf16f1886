import type { Delivery } from '../model/decision.js'
import { asSpiceTimeError } from '../errors/spice-time-error.js'
import type { LoopParts, Outcome } from './attempt.js'
import type { Flight } from './flights.js'
import type { Merging } from './merging.js'
import { retryDelay } from './retry.js'

/** Deliveries that wait in memory, for their next try or their turn; beyond them the queue is not read on. */
const MAX_ASIDE = 1_000
/** Milliseconds that new events wait at most for what is on its way. */
const MERGE_PATIENCE = 250

/** Sends what waits for one network, oldest first, while its provider is connected. */
export class NetworkLoop {
  readonly #parts: LoopParts
  readonly #busy = new Set<Promise<void>>()
  readonly #aside = new Map<number, { readonly cancel: () => void; readonly waiting: Delivery | undefined }>()
  #ready: number[] = []
  /** The queue was read up to here. */
  #scanned = 0
  #started = false
  #filling: Promise<void> | undefined
  #again = false
  #cancelWindow: (() => void) | undefined
  #failures = 0
  #merging: Merging | undefined
  /** How often a try broke down for a reason of this device's own. */
  readonly #broken = new Map<number, number>()

  constructor(parts: LoopParts) {
    this.#parts = parts
  }

  start(): void {
    this.#started = true
    this.restart()
  }

  /** Calls off what is under way and waits for it. What was queued stays queued. */
  async stop(): Promise<void> {
    this.#started = false
    this.#cancelWindow?.()
    for (const { cancel } of this.#aside.values()) cancel()
    this.#aside.clear()
    const { flights, provider } = this.#parts
    flights.abortAll(provider.network)
    await Promise.all([this.#filling, ...this.#busy])
  }

  /** Something may be sent now: the network came back, or a delivery ended. */
  wake(): void {
    if (!this.#started) return
    this.#again = true
    this.#filling ??= this.#fill()
  }

  /** New events wait: others that come within the batch window share their call. */
  arrived(): void {
    const { provider, platform, resources } = this.#parts
    const { batchWindow } = resources.limits(provider.network, provider.capabilities)
    // What is written while something is on its way is merged: it waits for that to end, but not for long.
    const wait = this.#merges() && this.#busy.size > 0 ? Math.max(batchWindow, MERGE_PATIENCE) : batchWindow
    if (wait === 0) return this.wake()
    this.#cancelWindow ??= platform.after(wait, () => {
      this.#cancelWindow = undefined
      this.wake()
    })
  }

  /** Queued again at a position that was passed already. */
  returned(position: number): void {
    this.#aside.get(position)?.cancel()
    this.#aside.delete(position)
    if (this.#ready.length >= MAX_ASIDE) this.#scanned = Math.min(this.#scanned, position)
    else if (!this.#ready.includes(position)) this.#ready.push(position)
    this.wake()
  }

  /** The delivery as it waits in memory: for a budget or a price. */
  waiting(position: number): Delivery | undefined {
    return this.#aside.get(position)?.waiting
  }

  /** What was put aside may be tried now: it may have waited for a budget that was raised. */
  lookAgain(): void {
    for (const position of [...this.#aside.keys()]) this.returned(position)
  }

  /** Begins anew from what is stored. */
  restart(): void {
    this.#ready = []
    this.#scanned = 0
    this.wake()
  }

  /** Ends a delivery whose deadline passed, unless the network has it. */
  expire(position: number): void {
    const flight = this.#parts.flights.get(this.#parts.provider.network, position)
    if (flight === undefined) this.#launch(position)
    else flight.controller.abort()
  }

  /** The one owner of this background task: a failure is reported, and tried again later. */
  async #fill(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false
        await this.#fillOnce()
      }
      this.#failures = 0
    } catch (error) {
      this.#report(error)
      this.#parts.platform.after(retryDelay(++this.#failures, this.#parts.platform), () => this.wake())
    } finally {
      this.#filling = undefined
    }
    if (this.#again) this.wake()
  }

  async #fillOnce(): Promise<void> {
    for (;;) {
      const room = this.#capacity() - this.#busy.size
      if (room <= 0 || !this.#started || this.#parts.provider.status().state !== 'connected') return
      await this.#merge()
      const ready = this.#ready.splice(0, room)
      const positions = ready.length > 0 ? ready : await this.#scan(room)
      if (positions.length === 0) return
      // A stop during the scan must not lose what was scanned: a start reads anew.
      if (this.#started) for (const position of positions) this.#launch(position)
    }
  }

  #merges(): boolean {
    return this.#parts.supersede !== undefined && this.#parts.provider.capabilities.ordering === 'none'
  }

  /** What can't be merged is sent as it is. */
  async #merge(): Promise<void> {
    if (!this.#merges()) return
    try {
      this.#merging ??= new (await import('./merging.js')).Merging(this.#parts)
      await this.#merging.merge(this.#scanned)
    } catch (error) {
      this.#report(error)
    }
  }

  #capacity(): number {
    const { provider, resources } = this.#parts
    return resources.limits(provider.network, provider.capabilities).concurrency * provider.capabilities.batch
  }

  async #scan(limit: number): Promise<readonly number[]> {
    const { outbox, provider, platform, durableBelow } = this.#parts
    while (this.#aside.size < MAX_ASIDE) {
      const rows = await outbox.queuedFrom(provider.network, this.#scanned, { below: durableBelow(), limit })
      const last = rows.at(-1)
      if (last === undefined) return []
      this.#scanned = last.position + 1
      const now = platform.now()
      for (const { position, row } of rows) if (row.retryAt > now) this.#setAside(position, row.retryAt - now)
      const due = rows.flatMap(({ position, row }) => (row.retryAt > now ? [] : [position]))
      if (due.length > 0) return due
    }
    return []
  }

  #launch(position: number): void {
    const flight = this.#parts.flights.begin(this.#parts.provider.network, position)
    if (flight === undefined) return
    const work = this.#attempt(flight)
      .then((outcome) => {
        if (outcome.kind === 'later') this.#setAside(position, outcome.delay, outcome.waiting)
        else if (outcome.kind === 'parked') this.#ready.unshift(position)
        this.#broken.delete(position)
      })
      .catch((error: unknown) => {
        this.#report(error)
        const times = (this.#broken.get(position) ?? 0) + 1
        this.#broken.set(position, times)
        this.#setAside(position, retryDelay(times, this.#parts.platform))
      })
      .finally(() => {
        this.#parts.flights.end(flight)
        this.#busy.delete(work)
        // Not for each one that ends: reading the queue pays off for several.
        if (this.#busy.size * 2 <= this.#capacity()) this.wake()
      })
    this.#busy.add(work)
  }

  /** Loaded with the first event that a network takes. */
  async #attempt(flight: Flight): Promise<Outcome> {
    const { Attempt } = await import('./attempt.js')
    return await new Attempt(this.#parts, flight).run()
  }

  #setAside(position: number, delay: number, waiting?: Delivery): void {
    if (!this.#started) return
    this.#aside.get(position)?.cancel()
    const cancel = this.#parts.platform.after(delay, () => this.returned(position))
    this.#aside.set(position, { cancel, waiting })
  }

  #report(error: unknown): void {
    const { code, message } = asSpiceTimeError(error)
    this.#parts.diagnostics.emit({
      kind: 'background-failed',
      task: `sending events to ${this.#parts.provider.network}`,
      code,
      reason: message,
    })
  }
}
