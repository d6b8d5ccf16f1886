import type { EventId } from '../model/event.js'
import type { Network } from '../model/network.js'
import { prefixRange } from '../storage/store.js'
import type { Store } from '../storage/store.js'
import type { EventLog } from './log.js'
import { logKeys } from './log-keys.js'
import { decodeReceipts } from './receipt-book.js'
import type { WaitingRoom } from './waiting-room.js'

/** Events of one transaction that takes levels back. */
const PAGE = 250

/** All events that a network has answered for, those that wait included, in pages. */
export async function* answeredBy(
  network: Network,
  { store, log, waiting }: { readonly store: Store; readonly log: EventLog; readonly waiting: WaitingRoom },
): AsyncIterableIterator<readonly EventId[]> {
  await waiting.load()
  let page = waiting.list().flatMap(({ id, receipts = [] }) => (receipts.some((receipt) => receipt.network === network) ? [id] : []))
  for (const position of await positionsOf(network, store)) {
    const logged = await log.headerAt(position)
    if (logged !== undefined) page.push(logged.id)
    if (page.length < PAGE) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

/** Found before anything is taken back: what the network says meanwhile is not of its past. */
async function positionsOf(network: Network, store: Store): Promise<readonly number[]> {
  const positions: number[] = []
  for await (const page of store.range(prefixRange(logKeys.receiptsPrefix))) {
    for (const [key, row] of page) {
      const answered = decodeReceipts(NOBODY, row).some((receipt) => receipt.network === network)
      if (answered) positions.push(Number(key.slice(logKeys.receiptsPrefix.length)))
    }
  }
  return positions
}

/** Rows name no event: their position does. */
const NOBODY = '' as EventId
