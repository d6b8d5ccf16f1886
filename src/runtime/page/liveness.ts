import type { ClientLocks } from '../platform/client-locks.js'
import type { Platform } from '../platform/platform.js'
import { lifeName } from '../../workers/protocol.js'
import type { Link } from './link.js'
import type { Patience } from './patience.js'

/** Milliseconds that a call may go unanswered before the host is asked whether it lives. */
const UNANSWERED = 300
/** Longest pause between questions to a host that lives and has not answered yet, in milliseconds; each pause is twice the last one. */
const LONGEST_PAUSE = 5000

export type Death = 'dead' | 'silent' | 'moved'

interface LivenessParts {
  readonly link: Link
  readonly locks: ClientLocks
  readonly platform: Platform
  readonly patience: Patience
  /** Whether anything waits for the host. */
  readonly waits: () => boolean
  /** Called once. */
  readonly onDeath: (how: Death) => void
}

/** Finds out that a host is no more: its lock is free, it says that it moved, or it leaves a ping unanswered while calls wait. */
export class Liveness {
  readonly #parts: LivenessParts
  readonly #ended = new AbortController()
  #cancel: (() => void) | undefined
  #pause = UNANSWERED
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
    const slow = this.#pause > UNANSWERED
    this.#pause = UNANSWERED
    if (this.#asking || (this.#cancel !== undefined && !slow)) return
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

  #wait(): void {
    this.#cancel = this.#parts.platform.after(this.#pause, () => {
      this.#cancel = undefined
      if (this.#parts.waits()) void this.#ask()
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
    if (answered) this.#wait()
    else this.#died('silent')
  }

  #died(how: Death): void {
    if (this.#ended.signal.aborted) return
    this.end()
    this.#parts.onDeath(how)
  }
}
