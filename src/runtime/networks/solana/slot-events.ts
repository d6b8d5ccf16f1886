import type { EventId, SpaceReference } from '../../model/event.js'
import type { ChainOrder } from '../../model/receipt.js'
import { memosOf, signaturesIn } from './history-requests.js'
import type { HistoryRow } from './history-requests.js'
import type { SlotRows } from './history-walk.js'
import type { Ignored } from './ignored.js'
import { readMemo } from './memo-events.js'
import { memosInField } from './memo-field.js'
import { solanaError } from './solana-errors.js'
import type { SolanaRpc } from './solana-rpc.js'
import { transactionOrder } from './transaction-order.js'

export interface FoundEvent {
  readonly id: EventId
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly signature: string
  readonly order: ChainOrder
}

/** What one slot holds of a space. */
export interface SlotEvents {
  readonly slot: number
  /** In the chain's order. */
  readonly events: readonly FoundEvent[]
  readonly ignored: readonly Ignored[]
  /** The last of its transactions. */
  readonly signature: string
  readonly final: boolean
}

export interface SlotReaderParts {
  readonly rpc: Pick<SolanaRpc, 'call'>
  readonly space: SpaceReference
  readonly signal?: AbortSignal
}

interface Placed {
  readonly row: HistoryRow
  readonly index: number
}

/** Reads a slot's memos and puts their events in order. */
export async function readSlot({ slot, rows }: SlotRows, parts: SlotReaderParts): Promise<SlotEvents> {
  const placed = await placeRows({ slot, rows }, parts)
  const read = await Promise.all(placed.map((one) => readTransaction(one, parts)))
  return {
    slot,
    events: read.flatMap(({ events }) => events),
    ignored: read.flatMap(({ ignored }) => ignored),
    signature: placed.at(-1)?.row.signature ?? '',
    final: rows.every(({ final }) => final),
  }
}

/** The order in a slot is asked for only where it matters and the node left it out. */
async function placeRows({ slot, rows }: SlotRows, parts: SlotReaderParts): Promise<readonly Placed[]> {
  const told = rows.flatMap((row) => (row.index === undefined ? [] : [{ row, index: row.index }]))
  if (told.length === rows.length) return told.toSorted((a, b) => a.index - b.index)
  const [only, ...others] = rows
  if (only === undefined || others.length === 0) return rows.map((row) => ({ row, index: 0 }))
  const all = await parts.rpc.call(signaturesIn(slot), options(parts))
  if (all === undefined) throw missing(`the block ${slot}`)
  const placed = rows.map((row) => ({ row, index: all.indexOf(row.signature) }))
  if (placed.some(({ index }) => index < 0)) throw missing(`a transaction of the block ${slot} that it listed before`)
  return placed.toSorted((a, b) => a.index - b.index)
}

async function readTransaction({ row, index }: Placed, parts: SlotReaderParts): Promise<Pick<SlotEvents, 'events' | 'ignored'>> {
  if (row.failed) return { events: [], ignored: ['failed'] }
  const memos = (row.memo === undefined ? undefined : memosInField(row.memo)) ?? (await askMemos(row, parts))
  const read = await Promise.all(memos.map((memo) => readMemo(memo, parts.space)))
  return {
    events: read.flatMap(({ events }, memo) =>
      events.map(({ id, bytes, position }) => ({
        id,
        bytes,
        signature: row.signature,
        order: transactionOrder({ slot: row.slot, index, memo, position }),
      })),
    ),
    ignored: read.flatMap(({ ignored }) => ignored),
  }
}

async function askMemos({ signature }: HistoryRow, parts: SlotReaderParts): Promise<readonly string[]> {
  const memos = await parts.rpc.call(memosOf(signature), options(parts))
  if (memos === undefined) throw missing(`the transaction ${signature} that it listed before`)
  return memos
}

function options({ signal }: SlotReaderParts): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

function missing(what: string): Error {
  return solanaError(
    'NETWORK_BEHIND',
    `The Solana node does not have ${what}. It is asked again; name an endpoint with full history to go on.`,
  )
}
