import { tooLarge } from './solana-errors.js'
import type { EventHeader, EventId } from '../../model/event.js'
import type { ProviderEvent } from '../provider.js'
import type { MemoWriter } from './memo-writer.js'
import { fitsInList } from '../../codec/event-list.js'

/** Events of at most so many bytes always fit alone: a memo leaves out more of an event than it adds. */
export const MOST_INLINE_BYTES = 840

/**
 * So many events of one author that wait together go as one list, where storage keeps lists: as memos they would be some ten transactions, so 31 events in
 * 32 cost nothing, which is worth a reader's having to fetch something. Fewer go as memos, which need nothing but the chain.
 */
const LIST_EVENTS = 32

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

/** Whether the group is for a list: its first event fits no memo, or there are many. */
export function wantsList([first, ...others]: readonly Queued[]): boolean {
  return first !== undefined && (isTooLong(first.event) || others.length + 1 >= LIST_EVENTS)
}

export function isTooLong({ bytes }: ProviderEvent): boolean {
  return bytes.length > MOST_INLINE_BYTES
}

/** The first of them that fit into one list; one always does. */
export function packList(group: readonly Queued[]): readonly Queued[] {
  let bytes = 0
  const end = group.findIndex(({ event }, index) => !fitsInList(index + 1, (bytes += event.bytes.length)))
  return end < 0 ? group : group.slice(0, end)
}

/** The first of them that fit together into one memo. @throws SpiceTimeError NETWORK_REFUSED when the first does not fit alone */
export function pack(group: readonly Queued[], writer: MemoWriter): readonly Queued[] {
  const taken: Queued[] = []
  for (const queued of group) {
    if (!writer.add({ id: queued.event.id, bytes: new Uint8Array(queued.event.bytes) })) break
    taken.push(queued)
  }
  const [first] = group
  if (taken.length === 0 && first !== undefined) throw tooLarge(first.event.id, first.event.bytes.length, MOST_INLINE_BYTES)
  return taken
}
