import type { EventHeader, EventId } from '../../model/event.js'
import type { ProviderEvent } from '../provider.js'
import type { MemoWriter } from './memo-writer.js'
import { waitsForStorage } from './solana-errors.js'

/** Events of at most so many bytes always fit alone: a memo leaves out more of an event than it adds. */
export const MOST_INLINE_BYTES = 840

/** An event that is not in a transaction yet. */
export interface Queued {
  readonly event: ProviderEvent
  readonly header: EventHeader
}

/**
 * Queued events of one author and space, in the order of their chain, none of which has a parent that is still on its way (or waits for one
 * that is): two transactions may land in any order. The first author who has any.
 */
export function nextGroup(queue: Iterable<Queued>, onTheirWay: ReadonlySet<EventId>): readonly Queued[] {
  const authors = new Map<string, Queued[]>()
  for (const queued of queue) {
    const name = `${queued.header.space}/${queued.header.author}`
    const events = authors.get(name)
    if (events === undefined) authors.set(name, [queued])
    else events.push(queued)
  }
  for (const events of authors.values()) {
    const waiting = new Set(onTheirWay)
    const ready: Queued[] = []
    for (const queued of events.sort((a, b) => a.header.seq - b.header.seq)) {
      if (queued.header.parents.some((parent) => waiting.has(parent))) waiting.add(queued.event.id)
      else ready.push(queued)
    }
    if (ready.length > 0) return ready
  }
  return []
}

/** The first of them that fit together. @throws SpiceTimeError NETWORK_REFUSED when the first does not fit alone */
export function pack(group: readonly Queued[], writer: MemoWriter): readonly Queued[] {
  const taken: Queued[] = []
  for (const queued of group) {
    if (!writer.add({ id: queued.event.id, bytes: new Uint8Array(queued.event.bytes) })) break
    taken.push(queued)
  }
  const [first] = group
  if (taken.length === 0 && first !== undefined) throw waitsForStorage(first.event.id, first.event.bytes.length, MOST_INLINE_BYTES)
  return taken
}
