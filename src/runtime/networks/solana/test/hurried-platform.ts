import { nodePlatform } from '../../../platform/node.js'
import type { Platform } from '../../../platform/platform.js'

/** Real time, ten times as fast: what waits for seconds waits for tenths, while servers take the time that they take. */
const HURRY = 10

const start = nodePlatform.now()

export const hurriedPlatform: Platform = {
  now: () => start + (nodePlatform.now() - start) * HURRY,
  monotonic: () => nodePlatform.monotonic() * HURRY,
  randomBytes: (length) => nodePlatform.randomBytes(length),
  after: (milliseconds, callback) => nodePlatform.after(milliseconds / HURRY, callback),
}
