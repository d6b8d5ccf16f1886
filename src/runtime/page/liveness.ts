import type { ClientLocks } from '../platform/client-locks.js'
import type { Platform } from '../platform/platform.js'
import { lifeName } from '../../workers/protocol.js'
import type { Link } from './link.js'
import type { Patience } from './patience.js'

/** Milliseconds that a call may go unanswered before the host is asked whether it lives. */
const UNANSWERED = 300
/** Milliseconds until a host that lives, and still works on a call, is asked again. */
const ASK_AGAIN = 1000

export type Death = 'dead' | 'silent' | 'moved'

interface LivenessParts {
  readonly link: Link
  readonly locks: ClientLocks
  readonly platform: Platform
  readonly patience: Patience
  /** Whether calls wait for an answer. */
  readonly waits: () => boolean
  /** Called once. */
  readonly onDeath: (how: Death) => void
}

/** Finds out that a host is no more: its lock is free, it says that it moved, or it leaves a ping unanswered while calls wait. */
export class Liveness {
  readonly #parts: LivenessParts
  readonly #ended = new AbortController()
  #cancel: (() => void) | undefined

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

  /** A call was sent. */
  sent(): void {
    if (this.#ended.signal.aborted) return
    this.#cancel ??= this.#parts.platform.after(UNANSWERED, () => this.#look())
  }

  end(): void {
    this.#ended.abort()
    this.#cancel?.()
  }

  #look(): void {
    const { link, patience, platform, waits } = this.#parts
    if (!waits()) {
      this.#cancel = undefined
      return
    }
    const ask = async (): Promise<void> => {
      const answered = await patience.answered(() => link.ping())
      if (this.#ended.signal.aborted) return
      if (answered) this.#cancel = platform.after(ASK_AGAIN, () => this.#look())
      else this.#died('silent')
    }
    this.#cancel = () => undefined
    void ask()
  }

  #died(how: Death): void {
    if (this.#ended.signal.aborted) return
    this.end()
    this.#parts.onDeath(how)
  }
}
