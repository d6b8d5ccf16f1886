import { expect, test } from 'vitest'
import { surplusIn } from './surplus.js'

test('nothing goes while the text fits', () => {
  expect(surplusIn([{ insert: 'abc' }], 0)).toEqual([])
  expect(surplusIn([{ insert: 'abc' }], -5)).toEqual([])
})

test('the end of what was pasted goes, not the end of the text', () => {
  expect(surplusIn([{ retain: 10 }, { insert: 'abcdef' }], 2)).toEqual([{ index: 14, length: 2 }])
})

test('over several stretches, the last ones first; an embed counts as one, and what is replaced does not move them', () => {
  const change = [{ insert: 'ab' }, { retain: 5 }, { delete: 4 }, { insert: 'cd' }, { insert: { image: 'x' } }]
  expect(surplusIn(change, 4)).toEqual([
    { index: 9, length: 1 },
    { index: 7, length: 2 },
    { index: 1, length: 1 },
  ])
})

test('no more goes than was put in: others may have made the text too long', () => {
  expect(surplusIn([{ retain: 3 }, { insert: 'a' }], 500)).toEqual([{ index: 3, length: 1 }])
  expect(surplusIn([{ retain: 3 }], 500)).toEqual([])
})

test('a letter of two halves goes as a whole', () => {
  expect(surplusIn([{ retain: 2 }, { insert: 'ab😀' }], 1)).toEqual([{ index: 4, length: 2 }])
  expect(surplusIn([{ insert: '😀' }], 1)).toEqual([{ index: 0, length: 2 }])
})
