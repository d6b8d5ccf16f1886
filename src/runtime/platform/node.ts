import { randomFillSync } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { startTimer } from './long-timer.js'
import type { Platform } from './platform.js'

/** Time and randomness of a Node process. */
export const nodePlatform: Platform = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  randomBytes: (length) => randomFillSync(new Uint8Array(length)),
  after: startTimer,
}
