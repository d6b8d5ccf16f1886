import { decodeItems, encode } from '../codec/dag-cbor.js'
import type { HybridTime } from '../model/event.js'
import { MAX_POSITION } from '../model/position.js'
import type { Store } from '../storage/store.js'
import { logKeys } from './log-keys.js'
import { decodeLogRow } from './log-row.js'
import { decodeEvent } from '../codec/event-codec.js'

/** Where the log ends, and the latest time this device has seen or given. */
export interface LogHead {
  readonly position: number
  readonly time: HybridTime
}

export function writeHead(head: LogHead): Uint8Array {
  return encode([head.position, head.time])
}

/** The head as kept; when its record is lost, as the last event of the log shows it. */
export async function readHead(store: Store): Promise<LogHead> {
  const row = await store.get(logKeys.head)
  const [position, time] = row === undefined ? [] : decodeItems(row)
  const last = await readLast(store)
  if (typeof position === 'number' && typeof time === 'number')
    return { position: Math.max(position, last.position), time: Math.max(time, last.time) }
  return last
}

async function readLast(store: Store): Promise<LogHead> {
  for await (const page of store.range({ ...logKeys.events(0, MAX_POSITION), reverse: true, limit: 1 })) {
    for (const [key, value] of page) return { position: Number(key.slice(2)), time: decodeEvent(decodeLogRow(value).bytes).header.time }
  }
  return { position: 0, time: 0 }
}
