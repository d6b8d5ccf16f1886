import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Value } from '../../model/value.js'
import { createFlatUpdate } from './team-creation.js'
import { TeamDocument } from './team.js'

const register: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
  fc.string({ unit: 'grapheme' }),
)
const fields = fc.dictionary(
  fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
  register,
  { noNullPrototype: true },
)

test('a created document has just the update that Yjs itself would write', () => {
  fc.assert(
    fc.property(fields, fc.maxSafeNat(), (value, seed) => {
      const client = seed % 2 ** 48
      const composed = new TeamDocument(client).compose({ op: 'put', fields: [], body: { value } })
      expect(createFlatUpdate(client, value)).toEqual(composed)
      expect(new TeamDocument(1, [composed]).value()).toEqual(value)
    }),
    { numRuns: 300 },
  )
})

test('maps, lists and bytes are left to Yjs', () => {
  expect(createFlatUpdate(7, { tags: [] })).toBeUndefined()
  expect(createFlatUpdate(7, { meta: {} })).toBeUndefined()
  expect(createFlatUpdate(7, { icon: new Uint8Array(1) })).toBeUndefined()
})
