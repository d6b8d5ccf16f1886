import type { Diagnostics } from '../diagnostics/diagnostics.js'
import { asSpiceTimeError } from '../errors/spice-time-error.js'
import type { Platform } from '../platform/platform.js'
import type { EventIntake } from './event-applier.js'
import type { WaitingRoom } from './waiting-room.js'
import type { WaitingEvent } from './waiting-row.js'

/** Milliseconds until what waits is read again where that failed. */
const RETRY = 60_000

export interface DueEventsParts {
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  readonly waiting: WaitingRoom
  readonly intake: EventIntake
}

/** Brings events in again: whose clock was ahead when their time has come, and with a new life those whose bodies were missing. */
export class DueEvents {
  readonly #parts: DueEventsParts
  #cancel: () => void = () => undefined

  constructor(parts: DueEventsParts) {
    this.#parts = parts
  }

  /** Events that wait did so before the last restart too. */
  start(): void {
    this.#parts.waiting.load().then(
      () => {
        this.#bring(this.#parts.waiting.forBodies())
        this.look()
      },
      (error: unknown) => {
        this.#report(error)
        this.#cancel = this.#parts.platform.after(RETRY, () => this.start())
      },
    )
  }

  /** The waiting room changed. */
  look(): void {
    this.#cancel()
    const { platform, waiting } = this.#parts
    const next = Math.min(...waiting.list().flatMap((event) => (event.until > 0 ? [event.until] : [])))
    if (Number.isFinite(next)) this.#cancel = platform.after(Math.max(0, next - platform.now()) + 1, () => this.#wake())
  }

  stop(): void {
    this.#cancel()
  }

  #wake(): void {
    const { platform, waiting } = this.#parts
    this.#bring(waiting.due(platform.now()))
  }

  #bring(waiting: readonly WaitingEvent[]): void {
    for (const network of new Set(waiting.map((event) => event.network))) {
      const events = waiting.filter((event) => event.network === network).map((event) => event.bytes)
      this.#parts.intake.receive(network, { events, receipts: [], retracted: [] }).catch((error: unknown) => this.#report(error))
    }
  }

  #report(error: unknown): void {
    const { code, message } = asSpiceTimeError(error)
    this.#parts.diagnostics.emit({ kind: 'background-failed', task: 'applying events whose time has come', code, reason: message })
  }
}
