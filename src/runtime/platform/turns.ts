import type { Platform } from './platform.js'

/** Milliseconds that work may keep the event loop to itself. Browsers make a turn by a timer last 4 ms. */
const HELD = 200
/** Steps of work between two looks at the clock. */
const STEPS = 64

/**
 * Lets the event loop have a turn now and then during long work: a host that does not answer a ping for 800 ms counts as wedged
 * (`page/patience.ts`), however busy it is.
 * @returns called before each step: resolves after a turn; undefined when the last one was a moment ago
 */
export function turnsOf(platform: Pick<Platform, 'monotonic' | 'after'>): () => Promise<void> | undefined {
  let since = platform.monotonic()
  let steps = 0
  return () => {
    if (++steps % STEPS !== 0 || platform.monotonic() - since < HELD) return undefined
    return new Promise((resolve) => {
      platform.after(0, () => {
        since = platform.monotonic()
        resolve()
      })
    })
  }
}
