import { asSpiceTimeError } from '../../errors/spice-time-error.js'
import type { EventId } from '../../model/event.js'
import type { Receipt } from '../../model/receipt.js'
import type { Platform } from '../../platform/platform.js'
import type { ProviderEvent } from '../provider.js'
import { Waiters } from '../waiters.js'
import { makeBatch, splitIntoBatches } from './batch.js'
import type { CallKey } from './call-key.js'
import { calledOff, stopped } from './holochain-errors.js'
import type { Outgoing, SentEvent, SentEvents } from './sent-events.js'
import type { SpaceCell } from './space-cell.js'
import type { Published } from './zome-calls.js'

export interface PublisherParts {
  readonly platform: Platform
  readonly key: CallKey
  readonly sent: SentEvents
  /** The space's cell, connected. @throws SpiceTimeError as the conductor fails */
  readonly cell: () => Promise<SpaceCell>
  /** What the conductor has written: members who are online may have it at once. */
  readonly onWritten: (batch: WrittenBatch, cell: SpaceCell) => void
}

/** Its events, and its place among its agent's batches. */
export interface WrittenBatch extends Pick<Published, 'number'> {
  readonly events: readonly Uint8Array[]
}

/** Milliseconds in which events share a batch. */
const WINDOW = 20

/** Writes one space's events to the conductor, a batch at a time, each event once. */
export class Publisher {
  written = 0
  readonly #parts: PublisherParts
  readonly #queue = new Map<EventId, ProviderEvent>()
  readonly #waiters = new Waiters(calledOff, (id) => this.#queue.delete(id))
  #outgoing: Outgoing[] = []
  #resumed: Promise<void> | undefined
  #number = 0
  #cancelWindow: (() => void) | undefined
  #pumping: Promise<void> | undefined
  #stopped = false

  constructor(parts: PublisherParts) {
    this.#parts = parts
  }

  /** Events that the conductor has not written yet. */
  get waiting(): number {
    return this.#outgoing.reduce((sum, { ids }) => sum + ids.length, this.#queue.size)
  }

  /** @throws SpiceTimeError NETWORK_REFUSED, NETWORK_NOT_CONNECTED, ABORTED, and as the conductor fails */
  async submit(event: ProviderEvent, signal: AbortSignal | undefined): Promise<Receipt> {
    const since = this.#parts.platform.monotonic()
    await this.#resume()
    const sent = await this.#parts.sent.sent(event.id)
    if (sent !== undefined) return this.#receipt(event.id, sent, since)
    if (signal?.aborted === true) throw calledOff(signal.reason)
    if (this.#stopped) throw stopped()
    if (!this.#outgoing.some(({ ids }) => ids.includes(event.id))) this.#queue.set(event.id, event)
    const receipt = this.#waiters.wait(event.id, { since, signal })
    this.#cancelWindow ??= this.#parts.platform.after(WINDOW, () => {
      this.#cancelWindow = undefined
      this.#pump()
    })
    return await receipt
  }

  /** Goes on with what a former life or a lost connection left. */
  async goOn(): Promise<void> {
    await this.#resume()
    if (this.waiting > 0) this.#pump()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelWindow?.()
    this.#queue.clear()
    this.#waiters.rejectAll(stopped())
    await this.#pumping
  }

  #resume(): Promise<void> {
    this.#resumed ??= this.#load().catch((error: unknown) => {
      this.#resumed = undefined
      throw error
    })
    return this.#resumed
  }

  async #load(): Promise<void> {
    this.#outgoing = [...(await this.#parts.sent.outgoing())]
    this.#number = this.#outgoing.reduce((most, { key }) => Math.max(most, Number.parseInt(key.slice(key.lastIndexOf('/') + 1), 10) + 1), 0)
  }

  #pump(): void {
    this.#pumping ??= this.#drain().finally(() => {
      this.#pumping = undefined
    })
  }

  /** Never rejects: who waits is told. */
  async #drain(): Promise<void> {
    try {
      while (!this.#stopped) {
        const out = this.#outgoing[0] ?? (await this.#begin())
        if (out === undefined) return
        await this.#write(out)
      }
    } catch (error) {
      const failure = asSpiceTimeError(error, 'NETWORK_UNAVAILABLE', { network: 'holochain' })
      const waiting = [...this.#queue.keys(), ...this.#outgoing.flatMap(({ ids }) => ids)]
      this.#queue.clear()
      this.#waiters.reject(waiting, failure)
    }
  }

  async #begin(): Promise<Outgoing | undefined> {
    const queued = [...this.#queue.values()]
    const [events] = splitIntoBatches(queued.map(({ bytes }) => bytes))
    if (events === undefined) return undefined
    const ids = queued.slice(0, events.length).map(({ id }) => id)
    const out = await this.#parts.sent.begin(this.#number++, { ids, events })
    for (const id of ids) this.#queue.delete(id)
    this.#outgoing.push(out)
    return out
  }

  /** A batch that was written before, in a call whose answer was lost, is found by the DNA and not written again. */
  async #write(out: Outgoing): Promise<void> {
    const { sent, key, onWritten } = this.#parts
    const cell = await this.#parts.cell()
    const batch = await makeBatch(key.author, { space: cell.space, agent: cell.agent }, out.events)
    try {
      const published = await cell.writing(() => cell.calls.publish(batch))
      const known = await sent.written(out, published)
      this.#outgoing.shift()
      this.written += 1
      for (const id of out.ids) this.#waiters.resolve(id, (since) => this.#receipt(id, known, since))
      onWritten({ events: out.events, number: published.number }, cell)
    } catch (error) {
      const failure = asSpiceTimeError(error)
      if (failure.code !== 'NETWORK_REFUSED') throw failure
      this.#outgoing.shift()
      if (out.ids.length > 1) {
        this.#outgoing.unshift(...(await sent.split(out)))
        return
      }
      await sent.drop(out)
      this.#waiters.reject(out.ids, failure)
    }
  }

  #receipt(event: EventId, { reference, level }: SentEvent, since: number): Receipt {
    const { platform } = this.#parts
    return { event, network: 'holochain', level, reference, cost: 0, at: platform.now(), latency: platform.monotonic() - since }
  }
}
