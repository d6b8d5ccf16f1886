import type { Diagnostics } from '../diagnostics/diagnostics.js'
import { asSpiceTimeError } from '../errors/spice-time-error.js'
import type { Platform } from '../platform/platform.js'
import type { EventIntake } from './event-applier.js'
import type { WaitingRoom } from './waiting-room.js'

export interface DueEventsParts {
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  readonly waiting: WaitingRoom
  readonly intake: EventIntake
}

/** Brings events whose clock is ahead in again when their time has come. */
export class DueEvents {
  readonly #parts: DueEventsParts
  #cancel: () => void = () => undefined

  constructor(parts: DueEventsParts) {
    this.#parts = parts
  }

  /** Events that wait for their time did so before the last restart too. */
  start(): void {
    this.#parts.waiting.load().then(
      () => this.look(),
      (error: unknown) => this.#report(error),
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
    const { platform, waiting, intake } = this.#parts
    const due = waiting.due(platform.now())
    for (const network of new Set(due.map((event) => event.network))) {
      const events = due.filter((event) => event.network === network).map((event) => event.bytes)
      intake.receive(network, { events, receipts: [], retracted: [] }).catch((error: unknown) => this.#report(error))
    }
  }

  #report(error: unknown): void {
    const { code, message } = asSpiceTimeError(error)
    this.#parts.diagnostics.emit({ kind: 'background-failed', task: 'applying events whose time has come', code, reason: message })
  }
}
