import fc from 'fast-check'
import { base32 } from 'multiformats/bases/base32'
import { expect, test } from 'vitest'
import { fromBase32, toBase32 } from './base32.js'

test('writes and reads what the reference library does', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const text = toBase32(bytes)
      expect(text).toBe(base32.baseEncode(bytes))
      expect(fromBase32(text)).toEqual(new Uint8Array(bytes))
    }),
    { numRuns: 1000 },
  )
})

test('refuses what is no base32, and a second way to write the same bytes', () => {
  expect(() => fromBase32('a1')).toThrow('no base32')
  expect(() => fromBase32('ab')).toThrow('more than a byte holds')
  expect(() => fromBase32('a')).toThrow('more than a byte holds')
})
