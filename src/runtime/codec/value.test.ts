import { describe, expect, test } from 'vitest'
import { decodeValue, encodeValue, parseValue } from './value.js'

describe('values that can be kept', () => {
  test.each([[null], [true], [0], [-1.5], [1e300], ['grüße'], [new Uint8Array([1, 2])], [[1, [2]]], [{ a: { b: [] } }], [{}]])(
    '%j',
    (value) => {
      expect(parseValue(value)).toBe(value)
      expect(decodeValue(encodeValue(parseValue(value)))).toEqual(value)
    },
  )
})

describe('values that are refused, with the place', () => {
  const cycle: Record<string, unknown> = {}
  cycle['self'] = { cycle }
  let deep: unknown = 1
  for (let level = 0; level < 70; level++) deep = [deep]
  test.each([
    ['undefined', undefined, ''],
    ['NaN', { a: Number.NaN }, 'a'],
    ['Infinity', [1, Number.POSITIVE_INFINITY], '1'],
    ['a function', { a: { b: () => 1 } }, 'a.b'],
    ['a symbol', Symbol('x'), ''],
    ['a bigint', 1n, ''],
    ['a cycle', cycle, 'self.cycle'],
    ['a date', new Date(0), ''],
    ['a Map', { a: new Map() }, 'a'],
    ['an undefined field', { a: undefined }, 'a'],
    ['half a surrogate pair', '\ud800', ''],
    ['a prototype key', JSON.parse('{"__proto__": 1}'), ''],
  ])('%s', (_name, value, place) => {
    expect(() => parseValue(value)).toThrow(expect.objectContaining({ code: 'VALUE_NOT_ENCODABLE', context: { place } }))
  })

  test('nesting without end', () => {
    expect(() => parseValue(deep)).toThrow(expect.objectContaining({ code: 'VALUE_NOT_ENCODABLE' }))
  })
})
