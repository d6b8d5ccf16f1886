import type { EventId } from '../../model/event.js'
import type { ChainOrder } from '../../model/receipt.js'
import { memosOf, signaturesIn } from './history-requests.js'
import type { HistoryRow } from './history-requests.js'
import type { SlotRows } from './history-walk.js'
import type { Ignored } from './ignored.js'
import { readMemo } from './memo-events.js'
import type { MemoContent, MemoSpace, SignedEvents } from './memo-events.js'
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

/** A list that a member anchored: where its first event lies, whether it is there or not. */
export interface AnchoredList {
  readonly cid: string
  readonly signature: string
  readonly order: ChainOrder
}

/** What is known of lists. */
export interface ListReader {
  /** What is in it; undefined while it can't be had. */
  find(cid: string): Promise<SignedEvents | undefined>
  /** The final transaction by which it was read to its end. */
  transactionOf(cid: string): Promise<string | undefined>
}

/** What one slot holds of a space. */
export interface SlotEvents {
  readonly slot: number
  /** In the chain's order. */
  readonly events: readonly FoundEvent[]
  readonly ignored: readonly Ignored[]
  /** Lists whose events are among those above. */
  readonly lists: readonly AnchoredList[]
  /** Lists that can't be had now. */
  readonly missing: readonly AnchoredList[]
  /** The last of its transactions. */
  readonly signature: string
  readonly final: boolean
}

export interface SlotReaderParts {
  readonly rpc: Pick<SolanaRpc, 'call'>
  readonly space: MemoSpace
  readonly lists: ListReader
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
    lists: read.flatMap(({ lists }) => lists),
    missing: read.flatMap(({ missing }) => missing),
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

type Read = Pick<SlotEvents, 'events' | 'ignored' | 'lists' | 'missing'>

const NOTHING: Read = { events: [], ignored: [], lists: [], missing: [] }

async function readTransaction({ row, index }: Placed, parts: SlotReaderParts): Promise<Read> {
  if (row.failed) return { ...NOTHING, ignored: ['failed'] }
  const memos = (row.memo === undefined ? undefined : memosInField(row.memo)) ?? (await askMemos(row, parts))
  const read = await Promise.all(
    memos.map(async (text, memo) => {
      const place = { signature: row.signature, order: transactionOrder({ slot: row.slot, index, memo, position: 0 }) }
      return await readContent(await readMemo(text, parts.space), place, parts)
    }),
  )
  return {
    events: read.flatMap(({ events }) => events),
    ignored: read.flatMap(({ ignored }) => ignored),
    lists: read.flatMap(({ lists }) => lists),
    missing: read.flatMap(({ missing }) => missing),
  }
}

/** A list that was read before is not asked for again: whoever repeats an old anchor has nothing to win by it. */
async function readContent(content: MemoContent, place: Omit<AnchoredList, 'cid'>, { lists }: SlotReaderParts): Promise<Read> {
  const { anchor: cid } = content
  if (cid === undefined) return { ...NOTHING, events: eventsAt(place, content), ignored: content.ignored }
  const before = await lists.transactionOf(cid)
  if (before !== undefined && before !== place.signature) return { ...NOTHING, ignored: ['repeated'] }
  const list = { cid, ...place }
  const found = await lists.find(cid)
  if (found === undefined) return { ...NOTHING, missing: [list] }
  return { ...NOTHING, events: eventsAt(place, found), ignored: found.ignored, lists: [list] }
}

/** The events with their places, the first of which is given. */
export function eventsAt({ signature, order }: Omit<AnchoredList, 'cid'>, { events }: SignedEvents): readonly FoundEvent[] {
  const [slot, index, start] = order
  return events.map(({ id, bytes, position }) => ({ id, bytes, signature, order: [slot, index, start + position] }))
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
