import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Value } from '../model/value.js'
import { decode, encode } from './dag-cbor.js'

const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.constantFrom(
      0,
      23,
      24,
      255,
      256,
      65_535,
      65_536,
      2 ** 32 - 1,
      2 ** 32,
      Number.MAX_SAFE_INTEGER,
      -24,
      -25,
      -256,
      -257,
      Number.MIN_SAFE_INTEGER,
    ),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.string({ unit: 'grapheme' }),
    fc.string(),
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.dictionary(fc.string({ unit: fc.constantFrom('a', 'b', 'z', 'ä', '語', '\u{1F600}') }), tie('value'), { noNullPrototype: true }),
  ),
})).value

test('encodes as the reference library does, byte for byte, and reads it back', () => {
  fc.assert(
    fc.property(value, (one) => {
      const bytes = encode(one)
      expect(bytes).toEqual(new Uint8Array(dagCbor.encode(one)))
      expect(decode(bytes)).toEqual(dagCbor.decode(bytes))
    }),
    { numRuns: 2000 },
  )
})

test('reads no foreign bytes as a value, and always ends', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      let read: unknown
      try {
        read = decode(bytes)
      } catch (error) {
        expect(error).toMatchObject({ code: 'RECORD_DAMAGED' })
        return
      }
      expect(read).toBeDefined()
    }),
    { numRuns: 3000 },
  )
})

test('leaves out what is undefined', () => {
  expect(encode({ b: undefined, a: 1 })).toEqual(new Uint8Array(dagCbor.encode({ a: 1 })))
})
