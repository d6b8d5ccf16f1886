import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import { base94Length, fromBase94, toBase94 } from './base94.js'

test('bytes come back, in as many printable characters as foretold', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const text = toBase94(bytes)
      expect(text).toMatch(/^[!-~]*$/)
      expect(text).toHaveLength(base94Length(bytes.length))
      expect(fromBase94(text)).toEqual(new Uint8Array(bytes))
    }),
  )
})

test('the highest bytes of every length fit', () => {
  for (let length = 0; length < 30; length++) expect(fromBase94(toBase94(new Uint8Array(length).fill(255)))).toHaveLength(length)
})

test('any text is bytes of which it is the text, or refused', () => {
  const printable = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code))
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: printable, maxLength: 40 })), (text) => {
      let bytes
      try {
        bytes = fromBase94(text)
      } catch (error) {
        expect(isSpiceTimeError(error, 'EVENT_MALFORMED')).toBe(true)
        return
      }
      expect(toBase94(bytes)).toBe(text)
    }),
    { numRuns: 300 },
  )
})
