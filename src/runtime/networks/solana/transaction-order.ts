import type { ChainOrder } from '../../model/receipt.js'

/** Where one event lies on the chain. */
export interface ChainPlace {
  readonly slot: number
  /** Of the transaction in its slot. */
  readonly index: number
  /** Which of the transaction's memos, from 0. */
  readonly memo: number
  /** Of the event in its memo, or in the list that the memo anchors, from 0. */
  readonly position: number
}

/** Far more than a memo has, or a list that it anchors: as many as a list has bytes. */
const EVENTS_IN_MEMO = 1024 * 1024

/** The one total order of a space's events, the same for those who sent and those who read. */
export function transactionOrder({ slot, index, memo, position }: ChainPlace): ChainOrder {
  return [slot, index, memo * EVENTS_IN_MEMO + position]
}
