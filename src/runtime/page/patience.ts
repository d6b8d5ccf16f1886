import type { Platform } from '../platform/platform.js'

/** Milliseconds that a host may take to answer a ping, at first. */
const FIRST_BOUND = 800
const LONGEST_BOUND = 30_000
/** Milliseconds after which a host that was given up no longer makes the next bound longer. */
const FORGET = 60_000
/** Timers of this page that may be late in a row before its host's silence counts: a page that is only throttled hears answers in time. */
const LATE_TIMERS = 2

/** How long a page waits for a silent host before it gives it up: ever longer, so that slow machines don't replace hosts for ever. */
export class Patience {
  readonly #platform: Platform
  #givenUp = 0
  #lastTime = 0

  constructor(platform: Platform) {
    this.#platform = platform
  }

  /** In milliseconds. */
  get bound(): number {
    if (this.#platform.monotonic() - this.#lastTime > FORGET) this.#givenUp = 0
    return Math.min(FIRST_BOUND * 2 ** this.#givenUp, LONGEST_BOUND)
  }

  /** A host was given up. */
  lost(): void {
    this.#givenUp += 1
    this.#lastTime = this.#platform.monotonic()
  }

  /**
   * Resolves with whether the answer came within the bound. The time in which this page itself stood still does not count.
   * @param ask asks again each time that it is called; the same answer fits
   */
  async answered(ask: () => Promise<void>): Promise<boolean> {
    for (let late = 0; ; late++) {
      const bound = this.bound
      const asked = this.#platform.monotonic()
      const outcome = await this.#race(ask(), bound)
      if (outcome === 'answered') return true
      if (late === LATE_TIMERS || this.#platform.monotonic() - asked < 2 * bound) return false
    }
  }

  #race(answer: Promise<void>, bound: number): Promise<'answered' | 'silent'> {
    return new Promise((resolve) => {
      const cancel = this.#platform.after(bound, () => resolve('silent'))
      void answer.then(() => {
        cancel()
        resolve('answered')
      })
    })
  }
}
