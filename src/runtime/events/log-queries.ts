import { decodeEvent } from '../codec/event-codec.js'
import { computeEventId } from '../codec/event-id.js'
import type { EventSummary } from '../model/event.js'
import { isWithin, spaceOf } from '../model/path.js'
import type { Receipt } from '../model/receipt.js'
import { MAX_POSITION } from '../model/position.js'
import type { Store } from '../storage/store.js'
import type { EventLog } from './log.js'
import { readReceipts } from './receipt-book.js'

export interface LoggedEvent {
  readonly summary: Omit<EventSummary, 'level' | 'networks'>
  readonly receipts: readonly Receipt[]
}

export interface EventListQuery {
  /** Only events that arrived before this position. */
  readonly before?: number
  readonly limit: number
  /** Only events at or below this path. */
  readonly under?: string
}

/** The newest events before a position, at or below a path; opens no ciphertext. */
export async function listEvents(log: EventLog, store: Store, query: EventListQuery): Promise<readonly LoggedEvent[]> {
  const found: LoggedEvent[] = []
  for await (const { position, row } of log.backwards(query.before ?? MAX_POSITION)) {
    if (query.under !== undefined && !isWithin(row.path, query.under)) continue
    const id = await computeEventId(row.bytes)
    const { author, seq, time, needs, parents } = decodeEvent(row.bytes).header
    const summary = {
      id,
      position,
      space: spaceOf(row.path),
      author,
      seq,
      time,
      path: row.path,
      op: row.op,
      needs,
      parents,
      bytes: row.bytes.length,
    }
    found.push({ summary, receipts: await readReceipts(store, id, position) })
    if (found.length >= query.limit) break
  }
  return found
}
