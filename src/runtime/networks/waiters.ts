import type { SpiceTimeError } from '../errors/spice-time-error.js'
import type { EventId } from '../model/event.js'
import type { Receipt } from '../model/receipt.js'

interface Waiter {
  /** Monotonic milliseconds of the call. */
  readonly since: number
  readonly resolve: (receipt: Receipt) => void
  readonly reject: (error: SpiceTimeError) => void
}

export interface Call {
  readonly since: number
  readonly signal: AbortSignal | undefined
}

/** Who waits for the receipt of which event. */
export class Waiters {
  readonly #waiters = new Map<EventId, Set<Waiter>>()
  readonly #calledOff: (reason: unknown) => SpiceTimeError
  readonly #abandoned: (id: EventId) => void

  /**
   * @param calledOff makes the error of who calls off
   * @param abandoned told when the last one who waited for an event called it off
   */
  constructor(calledOff: (reason: unknown) => SpiceTimeError, abandoned: (id: EventId) => void) {
    this.#calledOff = calledOff
    this.#abandoned = abandoned
  }

  has(id: EventId): boolean {
    return this.#waiters.has(id)
  }

  /** @throws SpiceTimeError ABORTED, or what the event fails with */
  wait(id: EventId, { since, signal }: Call): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const waiters = this.#waiters.get(id) ?? new Set()
      this.#waiters.set(id, waiters)
      const forget = (): void => signal?.removeEventListener('abort', abort)
      const waiter: Waiter = { since, resolve: (receipt) => (forget(), resolve(receipt)), reject: (error) => (forget(), reject(error)) }
      const abort = (): void => {
        waiters.delete(waiter)
        waiter.reject(this.#calledOff(signal?.reason))
        if (waiters.size > 0) return
        this.#waiters.delete(id)
        this.#abandoned(id)
      }
      waiters.add(waiter)
      signal?.addEventListener('abort', abort)
    })
  }

  resolve(id: EventId, receipt: (since: number) => Receipt): void {
    for (const waiter of this.#take(id)) waiter.resolve(receipt(waiter.since))
  }

  /** Whether anyone was told. */
  reject(ids: Iterable<EventId>, failure: SpiceTimeError): boolean {
    const waiters = [...ids].flatMap((id) => [...this.#take(id)])
    for (const waiter of waiters) waiter.reject(failure)
    return waiters.length > 0
  }

  rejectAll(failure: SpiceTimeError): void {
    this.reject([...this.#waiters.keys()], failure)
  }

  #take(id: EventId): Iterable<Waiter> {
    const waiters = this.#waiters.get(id) ?? []
    this.#waiters.delete(id)
    return waiters
  }
}
