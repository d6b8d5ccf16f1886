import type { Diagnostics } from '../runtime/diagnostics/diagnostics.js'
import { asSpiceTimeError } from '../runtime/errors/spice-time-error.js'
import type { SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import type { EarlyRead, RuntimeService, StartRuntime } from './runtime-service.js'

export interface ServiceRunEvents {
  onStarted(): void
  onStartFailed(error: SpiceTimeError): void
  /** The runtime lost its storage after it had started. */
  onEnded(error: SpiceTimeError): void
  /** Another owner has the database. */
  onOvertaken(): void
  onCloseFailed(error: unknown): void
}

/** One runtime from its start to its end. */
export class ServiceRun {
  readonly #events: ServiceRunEvents
  readonly #started: Promise<RuntimeService>
  /** Resolves once the store is open, or with nothing when it will not come to that. */
  readonly #early: Promise<EarlyRead | undefined>
  #service: RuntimeService | undefined
  #ended: SpiceTimeError | undefined
  #closed = false
  /** It did not start, or lost its storage: another run may do better. */
  failed = false

  constructor(start: StartRuntime, diagnostics: Diagnostics, events: ServiceRunEvents) {
    this.#events = events
    let onReadable: (read: EarlyRead | undefined) => void = () => undefined
    this.#early = new Promise((resolve) => (onReadable = resolve))
    const context = {
      onReadable,
      diagnostics,
      onEnded: (error: SpiceTimeError) => this.#end(error),
      onOvertaken: () => {
        if (!this.#closed) events.onOvertaken()
      },
    }
    this.#started = start(context).then(
      (service) => this.#begin(service),
      (error: unknown) => this.#fail(error),
    )
    const ended = (): void => onReadable(undefined)
    this.#started.then(ended, ended)
    // Each call that waits for it gets the failure; with no call yet it must not count as unhandled.
    this.#started.catch(() => undefined)
  }

  /** The runtime, as soon as it has started. @throws SpiceTimeError what the start failed with, or the storage ended with */
  get service(): RuntimeService | Promise<RuntimeService> {
    return this.#ended === undefined ? (this.#service ?? this.#started) : Promise.reject(this.#ended)
  }

  /** Reads that need the store alone, while the runtime starts. */
  get early(): Promise<EarlyRead | undefined> | undefined {
    return this.#service === undefined && this.#ended === undefined ? this.#early : undefined
  }

  /** Closes the runtime, or the one that is still starting; never rejects. */
  async close(): Promise<void> {
    this.#closed = true
    const service = await this.#started.catch(() => undefined)
    if (this.#ended === undefined) await this.#closeService(service)
  }

  async #begin(service: RuntimeService): Promise<RuntimeService> {
    if (this.#ended !== undefined) {
      await this.#closeService(service)
      throw this.#ended
    }
    this.#service = service
    if (!this.#closed) this.#events.onStarted()
    return service
  }

  #fail(error: unknown): never {
    this.failed = true
    const failure = asSpiceTimeError(error)
    if (!this.#closed) this.#events.onStartFailed(failure)
    throw failure
  }

  #end(error: SpiceTimeError): void {
    if (this.#ended !== undefined || this.#closed) return
    this.#ended = error
    this.failed = true
    this.#events.onEnded(error)
    if (this.#service !== undefined) void this.#closeService(this.#service)
  }

  async #closeService(service: RuntimeService | undefined): Promise<void> {
    try {
      await service?.close()
    } catch (error) {
      this.#events.onCloseFailed(error)
    }
  }
}
