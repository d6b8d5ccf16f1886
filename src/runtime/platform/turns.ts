import type { Platform } from './platform.js'

/** Milliseconds that work may keep the event loop to itself. Browsers make a turn by a timer last 4 ms. */
const HELD = 200
/** Steps of work between two looks at the clock. */
const STEPS = 64

/**
 * Lets the event loop have a turn now and then during long work: a host that does not answer a ping for 800 ms counts as wedged
 * (`page/patience.ts`), however busy it is.
 */
export class Turns {
  readonly #platform: Pick<Platform, 'monotonic' | 'after'>
  #since: number
  #steps = 0

  constructor(platform: Pick<Platform, 'monotonic' | 'after'>) {
    this.#platform = platform
    this.#since = platform.monotonic()
  }

  /** Called before each step: resolves after a turn; undefined when the last one was a moment ago. */
  next(): Promise<void> | undefined {
    if (++this.#steps % STEPS !== 0 || this.#platform.monotonic() - this.#since < HELD) return undefined
    return new Promise((resolve) => {
      this.#platform.after(0, () => {
        this.#since = this.#platform.monotonic()
        resolve()
      })
    })
  }
}
