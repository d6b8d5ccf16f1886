import { firstSeq } from '../model/event.js'
import type { Event } from '../model/event.js'
import type { Network } from '../model/network.js'
import type { ReplacedEvent } from './event-applier.js'
import { logKeys } from './log-keys.js'
import { encodeOriginal } from './original-row.js'
import { encodePositionRow } from './position-row.js'
import type { EventLog } from './log.js'
import type { EventTransaction } from './transaction.js'

/** Appends an event that takes the places of others; those that are in the log leave it. */
export function takePlaces(
  event: Event,
  { origin, replaced }: { readonly origin: 'own' | Network; readonly replaced: readonly ReplacedEvent[] },
  transaction: EventTransaction,
): void {
  const { changes, removed, standIns } = transaction
  const first = firstSeq(event)
  for (const { id, position, row, seq } of replaced) {
    removed.add(id)
    changes.push(
      [logKeys.event(position), undefined],
      [logKeys.receipts(position), undefined],
      [logKeys.chain(event.spaceId, event.author, seq), undefined],
      [logKeys.original(event.id, seq - first), encodeOriginal({ position, row })],
    )
  }
  const position = transaction.appendApplied({ event, origin, wishes: {}, ...(replaced.length === 0 ? {} : { replaced }) })
  const held = new Set(replaced.map(({ seq }) => seq - first))
  for (const { id } of replaced) transaction.lead(id, event, position)
  for (const [place, short] of (event.supersedes ?? []).entries()) {
    const key = logKeys.standIn(short, event.author)
    standIns.set(key, event)
    if (!held.has(place)) changes.push([key, encodePositionRow({ position, by: event.id })])
  }
}

/** An event of the log as it is when another takes its place. */
export async function asReplaced({ id, seq, op, path, bytes }: Event, position: number, log: EventLog): Promise<ReplacedEvent> {
  const row = (await log.rowAt(position)) ?? { op, origin: 'own' as const, path, bytes: new Uint8Array(bytes) }
  return { id, seq, position, row, receipts: await log.receiptsOf(id, position) }
}
