import { fromBase58 } from './base58.js'
import { list, map, natural, text } from './rpc-requests.js'
import type { RpcRequest } from './rpc-requests.js'

/** A transaction in the history of an address: https://solana.com/docs/rpc/http/getsignaturesforaddress */
export interface HistoryRow {
  readonly signature: string
  readonly slot: number
  /** It did nothing but pay its fee. */
  readonly failed: boolean
  /** All of its memos, as `memosInField` reads them; absent where the node leaves them out. */
  readonly memo: string | undefined
  /** In its slot; absent where the node does not say. */
  readonly index: number | undefined
  readonly final: boolean
}

export interface HistoryRange {
  /** Only what is older than this transaction. */
  readonly before?: string | undefined
  /** Only what is newer than this transaction. */
  readonly until?: string | undefined
  /** The node must have confirmed this slot, or answers that it is behind. */
  readonly minSlot: number
}

/** Most rows that a node gives at once. */
export const HISTORY_PAGE = 1_000
/** Far more than a transaction can hold. */
const LONGEST_MEMO_FIELD = 4_096
/** The memo program of today and the first one: https://spl.solana.com/memo */
const MEMO_PROGRAMS: readonly string[] = ['MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr', 'Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo']
const READABLE = { commitment: 'confirmed', maxSupportedTransactionVersion: 0 }

/** The transactions that name an address, the newest first. */
export function historyOf(address: string, { before, until, minSlot }: HistoryRange): RpcRequest<readonly HistoryRow[]> {
  const options = {
    commitment: 'confirmed',
    limit: HISTORY_PAGE,
    ...(before === undefined ? {} : { before }),
    ...(until === undefined ? {} : { until }),
    ...(minSlot > 0 ? { minContextSlot: minSlot } : {}),
  }
  return { method: 'getSignaturesForAddress', params: [address, options], parse: (result) => list(result).map(parseRow) }
}

/** The signatures of a slot's transactions in their order; undefined where the node does not have the block. */
export function signaturesIn(slot: number): RpcRequest<readonly string[] | undefined> {
  return {
    method: 'getBlock',
    params: [slot, { ...READABLE, transactionDetails: 'signatures', rewards: false }],
    parse: (result) => (result === null ? undefined : list(map(result)['signatures']).map(text)),
  }
}

/** A transaction's memos from its instructions; undefined where the node does not have it. */
export function memosOf(signature: string): RpcRequest<readonly string[] | undefined> {
  return {
    method: 'getTransaction',
    params: [signature, { ...READABLE, encoding: 'json' }],
    parse: (result) => (result === null ? undefined : parseMemos(map(map(map(result)['transaction'])['message']))),
  }
}

function parseRow(foreign: unknown): HistoryRow {
  const row = map(foreign)
  const memo = row['memo']
  const index = row['transactionIndex'] ?? undefined
  return {
    signature: text(row['signature']),
    slot: natural(row['slot']),
    failed: (row['err'] ?? null) !== null,
    memo: typeof memo === 'string' && memo.length <= LONGEST_MEMO_FIELD ? memo : undefined,
    index: index === undefined ? undefined : natural(index),
    // Absent in nodes from before 1.4, which know what is final alone.
    final: (row['confirmationStatus'] ?? 'finalized') === 'finalized',
  }
}

function parseMemos(message: Readonly<Record<string, unknown>>): readonly string[] {
  const programs = list(message['accountKeys']).map(text)
  return list(message['instructions']).flatMap((foreign) => {
    const instruction = map(foreign)
    const data = instruction['data']
    if (!MEMO_PROGRAMS.includes(programs[natural(instruction['programIdIndex'])] ?? '')) return []
    const bytes = typeof data === 'string' && data.length <= LONGEST_MEMO_FIELD ? fromBase58(data) : undefined
    if (bytes === undefined) throw new Error('a memo that is not base 58')
    return [new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)]
  })
}
