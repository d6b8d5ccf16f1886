import { MEMO_PROGRAM, MEMO_PROGRAM_V1 } from './compute-budget.js'
import type { Outcome } from './machine.js'
import type { WireMessage, WireTransaction } from './wire-transaction.js'

export type Commitment = 'processed' | 'confirmed' | 'finalized'

/** A transaction in its block. */
export interface Landed {
  readonly transaction: WireTransaction
  readonly outcome: Outcome
  readonly slot: number
  readonly index: number
  /** Unix seconds. */
  readonly time: number
}

export interface Block {
  readonly slot: number
  readonly height: number
  readonly parentSlot: number
  readonly hash: string
  readonly previousHash: string
  /** Unix seconds. */
  readonly time: number
  readonly landed: readonly Landed[]
}

/** The transaction's name: its first signature. */
export function signatureOf(transaction: WireTransaction): string {
  return transaction.signatures[0] ?? ''
}

/** The memos of a transaction the way that a validator's history writes them: `[5] hello; [2] (unparseable)`. Null where there are none. */
export function memoText(message: WireMessage): string | null {
  const memos = message.instructions.flatMap(({ programIdIndex, data }) => {
    const program = message.accountKeys[programIdIndex]
    return program === MEMO_PROGRAM || program === MEMO_PROGRAM_V1 ? [`[${data.length}] ${readText(data)}`] : []
  })
  return memos.length === 0 ? null : memos.join('; ')
}

function readText(data: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
  } catch {
    // What a validator writes for bytes that are no UTF-8.
    return '(unparseable)'
  }
}
