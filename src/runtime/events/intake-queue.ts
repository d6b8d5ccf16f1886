import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { Commits } from './commits.js'
import type { Submission } from './own-events.js'
import type { EventTransaction } from './transaction.js'

/** Events that one transaction takes from separate submissions; a single submitEvents is never split. */
const MAX_BATCH = 512

export interface Work {
  /** Prepares a transaction; undefined when there is nothing to write. */
  readonly run: () => Promise<EventTransaction | undefined>
  readonly fail: (error: unknown) => void
}

export interface IntakeQueueParts {
  readonly commits: Commits
  /** Makes one transaction of separate submissions. */
  readonly makeBatch: (batch: Submission[]) => Promise<EventTransaction | undefined>
  /** What was prepared is not written: forget it. */
  readonly abandoned: () => void
}

/** All that changes the log, one after the other; submissions that wait share a transaction. */
export class IntakeQueue {
  readonly #parts: IntakeQueueParts
  readonly #submissions: Submission[] = []
  readonly #work: Work[] = []
  /** While there is work at hand. */
  #draining: Promise<void> | undefined
  #closed = false

  constructor(parts: IntakeQueueParts) {
    this.#parts = parts
  }

  submit(submission: Submission): void {
    if (this.#closed) return submission.reject(closed())
    this.#submissions.push(submission)
    this.#wake()
  }

  schedule(work: Work): void {
    if (this.#closed) return work.fail(closed())
    this.#work.push(work)
    this.#wake()
  }

  /** Resolves when everything scheduled is durable or has failed. */
  async settled(): Promise<void> {
    while (this.#draining !== undefined || this.#parts.commits.busy) {
      await this.#draining
      await this.#parts.commits.settled()
    }
  }

  /** Takes nothing more, and finishes what was taken. */
  async close(): Promise<void> {
    this.#closed = true
    await this.settled()
  }

  #wake(): void {
    // `#drain` catches every failure of the work itself.
    this.#draining ??= this.#drain()
  }

  async #drain(): Promise<void> {
    const { commits, abandoned } = this.#parts
    for (;;) {
      const work = this.#work.shift() ?? this.#nextSubmissions()
      if (work === undefined) break
      const failures = commits.failures
      try {
        const transaction = await work.run()
        if (transaction !== undefined) commits.write(transaction, failures)
      } catch (error) {
        abandoned()
        work.fail(error)
      }
      await commits.room()
    }
    this.#draining = undefined
  }

  #nextSubmissions(): Work | undefined {
    if (this.#submissions.length === 0) return undefined
    const batch: Submission[] = []
    let count = 0
    while (this.#submissions[0] !== undefined && (count === 0 || count + this.#submissions[0].inputs.length <= MAX_BATCH)) {
      count += this.#submissions[0].inputs.length
      batch.push(...this.#submissions.splice(0, 1))
    }
    return { run: () => this.#parts.makeBatch(batch), fail: (error) => batch.forEach((submission) => submission.reject(error)) }
  }
}

function closed(): SpiceTimeError {
  return new SpiceTimeError('RUNTIME_CLOSED', 'The runtime was closed. Connect again.')
}
