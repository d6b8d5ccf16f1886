import { expect, test } from 'vitest'
import { compareOrder } from '../../model/receipt.js'
import { transactionOrder } from './transaction-order.js'

test('slot comes before index, index before memo, memo before position', () => {
  const places = [
    { slot: 1, index: 9, memo: 3, position: 9 },
    { slot: 2, index: 0, memo: 1, position: 15 },
    { slot: 2, index: 1, memo: 0, position: 15 },
    { slot: 2, index: 1, memo: 1, position: 0 },
    { slot: 2, index: 1, memo: 1, position: 1 },
  ]
  const orders = places.map(transactionOrder)
  expect(orders.toReversed().toSorted(compareOrder)).toEqual(orders)
  expect(new Set(orders.map(String)).size).toBe(places.length)
})
