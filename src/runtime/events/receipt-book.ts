import { decodeItems, encode } from '../codec/dag-cbor.js'
import type { EventId } from '../model/event.js'
import { isLevel, isNetwork, levelRank } from '../model/network.js'
import type { Network } from '../model/network.js'
import type { ChainOrder, Receipt } from '../model/receipt.js'
import { isValueMap } from '../model/value.js'
import type { Value } from '../model/value.js'
import type { Store } from '../storage/store.js'
import { logKeys } from './log-keys.js'

/** What networks answered for the event at a position; one receipt a network, the newest. */
export async function readReceipts(store: Pick<Store, 'get'>, event: EventId, position: number): Promise<readonly Receipt[]> {
  const row = await store.get(logKeys.receipts(position))
  return row === undefined ? [] : decodeReceipts(event, row)
}

export function decodeReceipts(event: EventId, row: Uint8Array): readonly Receipt[] {
  return decodeItems(row).flatMap((item) => parseReceipt(event, item))
}

export function encodeReceipts(receipts: readonly Receipt[]): Uint8Array {
  return encode(
    receipts.map(({ network, level, reference, cost, at, latency, order }) => ({
      network,
      level,
      reference,
      cost,
      at,
      latency,
      ...(order === undefined ? {} : { order }),
    })),
  )
}

/**
 * The book with one more receipt. Answers overtake one another, so a network's lower level does not replace a higher one it gave: only a
 * retraction takes a level back. Of one and the same reference, who sent knows the price and who reads knows the order: neither is lost.
 * @returns the very same book where the receipt says nothing that is not in it
 */
export function withReceipt(receipts: readonly Receipt[], receipt: Receipt): readonly Receipt[] {
  const known = receipts.find(({ network }) => network === receipt.network)
  if (known !== undefined && levelRank(known.level) > levelRank(receipt.level)) return receipts
  const joined = known?.reference === receipt.reference ? joinReceipts(known, receipt) : receipt
  if (known !== undefined && saysTheSame(known, joined)) return receipts
  return [...receipts.filter(({ network }) => network !== receipt.network), joined]
}

function joinReceipts(known: Receipt, newer: Receipt): Receipt {
  const order = newer.order ?? known.order
  const joined = { ...newer, cost: Math.max(known.cost, newer.cost), latency: Math.max(known.latency, newer.latency) }
  return order === undefined ? joined : { ...joined, order }
}

/** When it was said is no news: a network that is asked again answers again. */
function saysTheSame(one: Receipt, other: Receipt): boolean {
  const { level, reference, cost, latency, order } = one
  if (level !== other.level || reference !== other.reference || cost !== other.cost || latency !== other.latency) return false
  return order === other.order || (order !== undefined && other.order?.every((part, index) => part === order[index]) === true)
}

export function withoutNetwork(receipts: readonly Receipt[], network: Network): readonly Receipt[] {
  return receipts.filter((known) => known.network !== network)
}

function parseReceipt(event: EventId, item: Value): Receipt[] {
  if (!isValueMap(item)) return []
  const { network, level, reference, cost, at, latency, order } = item
  if (!isNetwork(network) || !isLevel(level) || typeof reference !== 'string') return []
  if (typeof cost !== 'number' || typeof at !== 'number' || typeof latency !== 'number') return []
  return [{ event, network, level, reference, cost, at, latency, ...(isOrder(order) ? { order } : {}) }]
}

function isOrder(value: unknown): value is ChainOrder {
  return Array.isArray(value) && value.length === 3 && value.every((part) => typeof part === 'number')
}
