import { decodeFields, encode } from '../codec/dag-cbor.js'
import type { EventId } from '../model/event.js'
import { isNetwork } from '../model/network.js'
import type { Network } from '../model/network.js'
import type { Receipt } from '../model/receipt.js'
import type { StoreChange } from '../storage/store.js'
import { decodeReceipts, encodeReceipts } from './receipt-book.js'

/** An event that can't be applied yet. */
export interface WaitingEvent {
  readonly id: EventId
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly network: Network
  readonly reason: string
  readonly missing: readonly EventId[]
  /** Milliseconds since 1970 before which it is not tried again; 0 when it waits for other events or, where none is missing, for its body. */
  readonly until: number
  /** A snapshot carries it whole: its place is in the past that this covers. */
  readonly carried?: boolean
  /** What its networks said of it meanwhile: a pull does not say it again. */
  readonly receipts?: readonly Receipt[]
  /** Whose part of the room it takes: its author's, or that of all whom this device knows nothing of. */
  readonly holder: string
}

/** Whoever has no event in the log may be a name that was made up to find room. */
export const STRANGERS = ''

interface Room {
  add(event: WaitingEvent, row: Uint8Array, changes: StoreChange[]): void
}

/** Lets an event wait, over restarts. What it waited for before is forgotten. */
export function addWaiting(waiting: Room, event: WaitingEvent, changes: StoreChange[]): void {
  waiting.add(event, encodeWaiting(event), changes)
}

function encodeWaiting({ id: _id, receipts = [], ...rest }: WaitingEvent): Uint8Array {
  return encode({ ...rest, ...(receipts.length === 0 ? {} : { receipts: encodeReceipts(receipts) }) })
}

/** A record that does not decode was damaged: the event comes again with its network. */
export function decodeWaiting(id: EventId, row: Uint8Array): WaitingEvent | undefined {
  const { bytes, network, reason, missing, until, carried, receipts, holder } = decodeFields(row)
  if (
    !(bytes instanceof Uint8Array) ||
    !isNetwork(network) ||
    typeof reason !== 'string' ||
    typeof until !== 'number' ||
    !Array.isArray(missing)
  )
    return undefined
  return {
    id,
    bytes: new Uint8Array(bytes),
    network,
    reason,
    until,
    carried: carried === true,
    holder: typeof holder === 'string' ? holder : STRANGERS,
    missing: missing.filter((item): item is EventId => typeof item === 'string'),
    ...(receipts instanceof Uint8Array ? { receipts: decodeReceipts(id, receipts) } : {}),
  }
}
