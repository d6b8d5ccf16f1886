import { startTimer } from './long-timer.js'
import type { Platform } from './platform.js'

/** Most bytes that one `getRandomValues` gives. */
const RANDOM_PIECE = 65_536

/** Time and randomness of a page or a worker. */
export const browserPlatform: Platform = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  randomBytes(length) {
    const bytes = new Uint8Array(length)
    for (let start = 0; start < length; start += RANDOM_PIECE) crypto.getRandomValues(bytes.subarray(start, start + RANDOM_PIECE))
    return bytes
  },
  after: startTimer,
}
