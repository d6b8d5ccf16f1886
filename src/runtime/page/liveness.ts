import type { ClientLocks } from '../platform/client-locks.js'
import type { Platform } from '../platform/platform.js'
import { lifeName } from '../../workers/protocol.js'
import type { Link } from './link.js'
import type { Patience } from './patience.js'

/** Milliseconds that a call may go unanswered before the host is asked whether it lives. */
const UNANSWERED = 300
/** Longest pause between questions to a host that lives and has not answered yet, in milliseconds; each pause is twice the last one. */
const LONGEST_PAUSE = 5000
/** Milliseconds between questions of a page that waits for nothing but changes. */
const WATCHING = 1000

export type Death = 'dead' | 'silent' | 'moved'

interface LivenessParts {
  readonly link: Link
  readonly locks: ClientLocks
  readonly platform: Platform
  readonly patience: Patience
  /** Whether anything waits for the host. */
  readonly waits: () => boolean
  /** Whether the host may have something to say unasked. */
  readonly watches: () => boolean
  /** Called once. */
  readonly onDeath: (how: Death) => void
}

/** Finds out that a host is no more: its lock is free, it says that it moved, or it leaves a ping unanswered while calls wait or streams are open. */
export class Liveness {
  readonly #parts: LivenessParts
  readonly #ended = new AbortController()
  #cancel: (() => void) | undefined
  #pause = UNANSWERED
  /** The timer rings later than a new call may wait. */
  #slow = false
  #asking = false

  constructor(parts: LivenessParts) {
    this.#parts = parts
    const { link, locks } = parts
    link.onMoved(() => this.#died('moved'))
    locks.whenFree(lifeName(link.generation), this.#ended.signal).then(
      () => this.#died('dead'),
      // Called off, or a browser that takes locks away from a page that goes: a ping finds out.
      () => undefined,
    )
  }

  /** A call was sent, or a stream opened: from now on the host is asked soon again, however slowly it was asked for older ones. */
  sent(): void {
    if (this.#ended.signal.aborted) return
    this.#pause = UNANSWERED
    if (this.#asking || (this.#cancel !== undefined && !this.#slow)) return
    this.#cancel?.()
    this.#wait()
  }

  /** Asks the host at once, whether or not anything waits. */
  suspect(): void {
    if (this.#ended.signal.aborted || this.#asking) return
    this.#cancel?.()
    void this.#ask()
  }

  end(): void {
    this.#ended.abort()
    this.#cancel?.()
  }

  #wait(pause = this.#pause): void {
    const { platform, waits, watches } = this.#parts
    this.#slow = pause > UNANSWERED
    this.#cancel = platform.after(pause, () => {
      this.#cancel = undefined
      if (waits() || (watches() && this.#slow)) void this.#ask()
      else if (watches()) this.#wait(WATCHING)
    })
  }

  async #ask(): Promise<void> {
    const { link, patience } = this.#parts
    this.#asking = true
    // Before the answer: what is sent meanwhile sets it back.
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE)
    const answered = await patience.answered(() => link.ping())
    this.#asking = false
    if (this.#ended.signal.aborted) return
    if (answered) this.#wait(this.#nextPause())
    else this.#died('silent')
  }

  #nextPause(): number {
    const { waits, watches } = this.#parts
    if (!watches()) return this.#pause
    return waits() ? Math.min(this.#pause, WATCHING) : WATCHING
  }

  #died(how: Death): void {
    if (this.#ended.signal.aborted) return
    this.end()
    this.#parts.onDeath(how)
  }
}
