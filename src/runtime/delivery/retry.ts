import type { Platform } from '../platform/platform.js'

const FIRST = 1_000
const LONGEST = 300_000

/**
 * Milliseconds until the next try: doubling from one second up to five minutes, of which half is left to chance, so that devices that lost a
 * network together do not come back together.
 * @param attempts tries so far, from 1
 */
export function retryDelay(attempts: number, platform: Pick<Platform, 'randomBytes'>): number {
  const whole = Math.min(LONGEST, FIRST * 2 ** Math.max(0, attempts - 1))
  return Math.round(whole / 2 + (whole / 2) * chance(platform))
}

/** 0 inclusive to 1 exclusive. */
function chance(platform: Pick<Platform, 'randomBytes'>): number {
  const [high = 0, low = 0] = platform.randomBytes(2)
  return (high * 256 + low) / 65_536
}
