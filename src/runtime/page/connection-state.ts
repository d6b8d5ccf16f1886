import type { SpiceTimeError } from '../errors/spice-time-error.js'
import type { Platform } from '../platform/platform.js'
import type { ConnectionReport } from '../runtime-client.js'

type Change = Partial<Pick<ConnectionReport, 'kind' | 'generation' | 'storage' | 'lost'>>

/** What an application can know of its connection, and who wants to hear of it. */
export class ConnectionState {
  readonly #platform: Platform
  readonly #listeners = new Set<(report: ConnectionReport) => void>()
  #report: ConnectionReport

  constructor(platform: Platform, first: Pick<ConnectionReport, 'kind' | 'generation'>) {
    this.#platform = platform
    this.#report = { ...first, state: 'connected', since: platform.now() }
  }

  get report(): ConnectionReport {
    return this.#report
  }

  listen(listener: (report: ConnectionReport) => void): () => void {
    this.#listeners.add(listener)
    listener(this.#report)
    return () => this.#listeners.delete(listener)
  }

  /** What became known of the connection as it is. */
  learn(change: Change): void {
    const known = Object.entries(change).every(([key, value]) => this.#report[key as keyof Change] === value)
    if (!known) this.#tell({ ...this.#report, ...change })
  }

  connected(change: Pick<ConnectionReport, 'kind' | 'generation'>): void {
    const { error: _error, ...rest } = this.#report
    this.#tell({ ...rest, ...change, state: 'connected', since: this.#platform.now() })
  }

  recovering(error: SpiceTimeError): void {
    if (this.#report.state !== 'recovering') this.#tell({ ...this.#report, state: 'recovering', error, since: this.#platform.now() })
  }

  failed(error: SpiceTimeError): void {
    this.#tell({ ...this.#report, state: 'failed', error, since: this.#platform.now() })
  }

  #tell(report: ConnectionReport): void {
    this.#report = report
    for (const listener of [...this.#listeners]) {
      try {
        listener(report)
      } catch (error) {
        // The application's own mistake must not keep its page from recovering.
        reportError(error)
      }
    }
  }
}
