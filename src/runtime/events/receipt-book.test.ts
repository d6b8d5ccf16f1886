import { expect, test } from 'vitest'
import type { EventId } from '../model/event.js'
import type { Receipt } from '../model/receipt.js'
import { withoutNetwork, withReceipt } from './receipt-book.js'

const RECEIPT: Receipt = {
  ...{ event: 'bafy' as EventId, network: 'solana', level: 'shared', reference: 'one', cost: 5, at: 1_000, latency: 30 },
  order: [7, 0, 1],
}
const book = withReceipt([], RECEIPT)

test('what a network says again, later and without what it said before, leaves the very same book', () => {
  expect(withReceipt(book, { ...RECEIPT, at: 2_000 })).toBe(book)
  const { order: _unread, ...sender } = RECEIPT
  expect(withReceipt(book, { ...sender, cost: 0, latency: 0, at: 2_000 })).toBe(book)
  expect(withReceipt(book, { ...RECEIPT, level: 'sent', at: 2_000 })).toBe(book)
})

test.each<readonly [string, Partial<Receipt>]>([
  ['level', { level: 'final' }],
  ['reference', { reference: 'two' }],
  ['price', { cost: 6 }],
  ['latency', { latency: 31 }],
  ['order', { order: [7, 0, 2] }],
])('another %s is news', (_, change) => {
  const news = { ...RECEIPT, ...change, at: 2_000 }
  expect(withReceipt(book, news)).toEqual([news])
  expect(withReceipt(withoutNetwork(book, 'solana'), news)).toEqual([news])
})
