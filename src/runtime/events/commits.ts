import type { Diagnostics } from '../diagnostics/diagnostics.js'
import { asSpiceTimeError, SpiceTimeError } from '../errors/spice-time-error.js'
import type { Store } from '../storage/store.js'
import type { EventApplier } from './event-applier.js'
import { readHead } from './log-head.js'
import type { EventTransaction } from './transaction.js'

/** Transactions under way; further work waits, so that memory stays bounded. */
const MAX_IN_FLIGHT = 2

export interface CommitsParts {
  readonly store: Store
  readonly diagnostics: Diagnostics
  /** Of the newest event in the log. */
  readonly position: number
  readonly appliers: readonly EventApplier[]
  /** Forget whatever memory holds beyond the store. */
  readonly rollBack: () => void
}

/** Writes transactions in order, several under way at once, and takes back what was built on one that failed. */
export class Commits {
  readonly #parts: CommitsParts
  readonly #inFlight = new Set<Promise<void>>()
  #lastPosition: number
  #failures = 0

  constructor(parts: CommitsParts) {
    this.#parts = parts
    this.#lastPosition = parts.position
  }

  get lastPosition(): number {
    return this.#lastPosition
  }

  /** Counts failed writes: what was prepared before one must not be written after it. */
  get failures(): number {
    return this.#failures
  }

  get busy(): boolean {
    return this.#inFlight.size > 0
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#inFlight, Promise.resolve()])
  }

  /** Resolves once another transaction may be prepared. */
  async room(): Promise<void> {
    while (this.#inFlight.size >= MAX_IN_FLIGHT) await Promise.race(this.#inFlight)
  }

  /** @param failures how many writes had failed when the transaction was begun */
  write(transaction: EventTransaction, failures: number): void {
    if (failures !== this.#failures) {
      const error = new SpiceTimeError(
        'STORAGE_FAILED',
        'An earlier write failed while this one was prepared; nothing of it was kept. Try again.',
      )
      transaction.onFailed.forEach((tell) => tell(error))
      this.#parts.rollBack()
      return
    }
    this.#lastPosition = transaction.lastPosition
    const writing = this.#write(transaction).finally(() => this.#inFlight.delete(writing))
    this.#inFlight.add(writing)
  }

  async #write(transaction: EventTransaction): Promise<void> {
    try {
      await this.#parts.store.write(transaction.changes)
    } catch (error) {
      await this.#failed(transaction, error)
      return
    }
    if (transaction.applied.length > 0) {
      for (const applier of this.#parts.appliers) applier.committed(transaction.applied)
      for (const { event, origin } of transaction.applied) {
        this.#parts.diagnostics.emit({ kind: 'event-applied', event: event.id, path: event.path, origin })
      }
    }
    transaction.onCommitted.forEach((tell) => tell())
  }

  async #failed(transaction: EventTransaction, error: unknown): Promise<void> {
    this.#failures++
    this.#parts.rollBack()
    this.#lastPosition = (await readHead(this.#parts.store)).position
    const failure = asSpiceTimeError(error, 'STORAGE_FAILED')
    transaction.onFailed.forEach((tell) => tell(failure))
  }
}
