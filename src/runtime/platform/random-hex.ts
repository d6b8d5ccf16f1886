import type { Platform } from './platform.js'

/** A random name: two hexadecimal digits for each byte. */
export function randomHex(platform: Pick<Platform, 'randomBytes'>, bytes: number): string {
  return Array.from(platform.randomBytes(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
