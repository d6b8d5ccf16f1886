import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memosInField } from './memo-field.js'

/** As a validator writes it. */
function fieldOf(memos: readonly string[]): string {
  return memos.map((memo) => `[${new TextEncoder().encode(memo).length}] ${memo}`).join('; ')
}

test('whatever is in the memos, they come apart as they were written', () => {
  const memo = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.constant('a; [3] S1x'), fc.constant('; [1] '))
  fc.assert(
    fc.property(fc.array(memo, { maxLength: 4 }), (memos) => {
      expect(memosInField(fieldOf(memos))).toEqual(memos)
    }),
  )
})

test.each(['S1', '[x] S1', '[5] S1', '[2] S1 ', '[2] S1, [2] S1', '[2]S1', '[99999999] S1'])(
  '%j is not what a validator writes',
  (field) => {
    expect(memosInField(field)).toBeUndefined()
  },
)

test('any text is read or given up', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (field) => {
      const memos = memosInField(field)
      expect(memos === undefined || fieldOf(memos) === field).toBe(true)
    }),
  )
})
