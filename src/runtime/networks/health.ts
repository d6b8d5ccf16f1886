import type { SpiceTimeError } from '../errors/spice-time-error.js'
import type { ErrorCode } from '../errors/codes.js'
import type { Platform } from '../platform/platform.js'
import type { NetworkStatus } from './provider.js'

export interface HealthParts {
  readonly platform: Platform
  /** What is contacted, as a sentence begins with it: 'Solana'. */
  readonly name: string
  /** Asks for something small. @throws SpiceTimeError as the network fails */
  readonly probe: () => Promise<void>
  readonly onStatus: (status: NetworkStatus) => void
}

const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 30_000
/** Failures that keep every event from the network, not just one. */
const AWAY: readonly ErrorCode[] = [
  'NETWORK_UNAVAILABLE',
  'NETWORK_RATE_LIMITED',
  'NETWORK_BEHIND',
  'NETWORK_UNAUTHORIZED',
  'NETWORK_VERSION_UNSUPPORTED',
  'NETWORK_EXCHANGED',
]

/** Whether a network can be reached: says so, and looks again, ever later, until it can. */
export class Health {
  readonly #parts: HealthParts
  #status: NetworkStatus
  #failures = 0
  #remark: string | undefined
  #cancel: (() => void) | undefined
  #stopped = false

  constructor(parts: HealthParts) {
    this.#parts = parts
    this.#status = { state: 'connecting', reason: `${parts.name} is being contacted.`, since: parts.platform.now() }
  }

  get status(): NetworkStatus {
    return this.#status
  }

  /** Looks now. Never rejects: the status tells. */
  async look(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    try {
      await this.#parts.probe()
    } catch (error) {
      this.failed(error)
      return
    }
    this.connected()
  }

  connected(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#set({ state: 'connected', ...(this.#remark === undefined ? {} : { reason: this.#remark }) })
  }

  /** What a person should know although the network is there. */
  note(remark: string | undefined): void {
    this.#remark = remark
    if (this.#status.state === 'connected') this.connected()
  }

  /** A pull went through from beginning to end. */
  succeeded(): void {
    this.#failures = 0
  }

  /** Something failed: where that says that the network is away, so does the status from now on. */
  failed(error: unknown): void {
    if (this.#stopped || !isAway(error)) return
    this.#set({ state: 'away', reason: error.message })
    const { platform } = this.#parts
    const [chance = 0] = platform.randomBytes(1)
    const whole = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(this.#failures++, 10))
    this.#cancel ??= platform.after(whole / 2 + (whole / 2) * (chance / 256), () => {
      this.#cancel = undefined
      // It never rejects.
      void this.look()
    })
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  #set(next: Omit<NetworkStatus, 'since'>): void {
    if (this.#stopped || (next.state === this.#status.state && next.reason === this.#status.reason)) return
    this.#status = { ...next, since: this.#parts.platform.now() }
    this.#parts.onStatus(this.#status)
  }
}

function isAway(error: unknown): error is SpiceTimeError {
  return error instanceof Error && 'code' in error && AWAY.some((code) => code === error.code)
}
