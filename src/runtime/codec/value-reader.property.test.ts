import { encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSpiceTimeError } from '../errors/spice-time-error.js'
import type { Value } from '../model/value.js'
import { ValueReader } from './value-reader.js'

const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ minLength: 20, maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 30 }),
    fc.dictionary(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'title', 'done', 'x'.repeat(40))), tie('value')),
  ),
}))

const read = (bytes: Uint8Array): Value => new ValueReader(bytes).value(bytes.length)

function outcome(bytes: Uint8Array): string {
  try {
    read(bytes)
    return 'read'
  } catch (error) {
    return isSpiceTimeError(error, 'RECORD_DAMAGED') ? 'damaged' : String(error)
  }
}

describe('ValueReader', () => {
  test('reads all that dag-cbor writes: written again, it is the same bytes', () => {
    fc.assert(
      fc.property(value, (held) => {
        const bytes = encode(held)
        expect(encode(read(bytes))).toEqual(bytes)
      }),
      { numRuns: 1000 },
    )
  })

  test('a key named __proto__ is a key, not a prototype', () => {
    const held = Object.defineProperty({}, '__proto__', { value: { admin: true }, enumerable: true }) as Value
    const map = read(encode(held)) as { readonly admin?: boolean }
    expect(map.admin).toBeUndefined()
    expect(Object.keys(map)).toEqual(['__proto__'])
  })

  test('one reader reads values one after another, and bytes are copies', () => {
    const [first, second] = [encode(new Uint8Array([1, 2, 3])), encode({ a: 'é', b: 'plain' })]
    const chunk = new Uint8Array([...first, ...second])
    const reader = new ValueReader(chunk)
    const bytes = reader.value(first.length)
    expect(reader.value(second.length)).toEqual({ a: 'é', b: 'plain' })
    expect(reader.done).toBe(true)
    chunk.fill(0)
    expect(bytes).toEqual(new Uint8Array([1, 2, 3]))
  })

  test('whatever bytes come, it gives a value or RECORD_DAMAGED, and never more than a moment', () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(value, fc.nat(), fc.nat(255)).map(([held, at, byte]) => {
        const bytes = Uint8Array.from(encode(held))
        bytes[at % bytes.length] = byte
        return bytes
      }),
    )
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(outcome(bytes)).toMatch(/^(read|damaged)$/)
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['an empty chunk', []],
    ['a list longer than the chunk', [0x9b, 0, 0, 0, 255, 255, 255, 255, 255]],
    ['a text longer than the chunk', [0x7a, 255, 255, 255, 255, 65]],
    ['a tag', [0xd8, 42, 0x41, 0]],
    ['an indefinite length', [0x9f, 0xff]],
    ['a float of half size', [0xf9, 0, 0]],
    ['undefined', [0xf7]],
    ['a map with a number as key', [0xa1, 0x01, 0x01]],
    ['bytes after the value', [0x01, 0x02]],
    ['lists without end', Array.from({ length: 10_000 }, () => 0x81)],
  ])('refuses %s', (_name, bytes) => {
    expect(() => read(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'RECORD_DAMAGED' }) as Error)
  })
})
