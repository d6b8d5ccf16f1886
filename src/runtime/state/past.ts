import { SpiceTimeError } from '../errors/spice-time-error.js'
import { parseEventId, shortIdOf } from '../codec/event-id.js'
import { millisecondsOf } from '../model/event.js'
import type { EventId } from '../model/event.js'
import type { MergePolicy } from '../model/state.js'
import type { DocumentPath } from '../model/path.js'
import type { Value } from '../model/value.js'
import type { BaseDocument } from './base-row.js'
import type { History, PastEvent } from './history.js'
import { foldConsensus } from './merge/consensus.js'
import { foldLastWriter } from './merge/last-writer.js'
import { TeamDocument } from './merge/team.js'

/** What a document is folded from. */
export interface Foldable {
  readonly events: readonly PastEvent[]
  readonly base: BaseDocument | undefined
  readonly policy: MergePolicy
}

export interface PastValue {
  readonly base: BaseDocument | undefined
  readonly value: Value | undefined
  readonly events: readonly PastEvent[]
}

/**
 * A document as it was: with an EventId, as its author saw it (the event and all it builds on); with a time, all events up to it.
 * Folded from the events, so that nothing but the log need be kept.
 * @throws SpiceTimeError EVENT_UNKNOWN, INPUT_MALFORMED, PAST_NOT_KEPT
 */
export async function readPast(
  history: History,
  document: DocumentPath,
  when: { readonly at: string | number; readonly policy: MergePolicy },
): Promise<PastValue> {
  const [past, base] = await Promise.all([history.pastOf(document), history.baseOf(document)])
  const events =
    typeof when.at === 'number'
      ? past.filter((event) => millisecondsOf(event.header.time) <= Number(when.at))
      : ancestorsOf(past, await history.standing(parseEventId(when.at)), document)
  if (base !== undefined && !isAfter(base, events, when.at)) throw notKept(document)
  return { value: await foldPast(history, { events, base, policy: when.policy }), events, base }
}

/** Whether all that is in the base was there already. */
function isAfter({ heads, updatedAt }: BaseDocument, events: readonly PastEvent[], at: string | number): boolean {
  if (typeof at === 'number') return at >= updatedAt
  const seen = new Set(events.flatMap(({ header }) => header.parents))
  const superseded = new Set(events.flatMap(({ header }) => header.supersedes ?? []))
  return heads.every((head) => seen.has(head) || superseded.has(shortIdOf(head)))
}

function notKept(path: DocumentPath): SpiceTimeError {
  return new SpiceTimeError(
    'PAST_NOT_KEPT',
    `'${path}' can't be read as it was then: this device started from a snapshot that is newer. Ask a device that has the space's whole past.`,
    { path },
  )
}

export async function foldPast(history: History, { events, base, policy }: Foldable): Promise<Value | undefined> {
  if (policy === 'team') {
    const updates = events.flatMap(({ content }) => content.body.update ?? [])
    const team = new TeamDocument(0, base === undefined ? updates : [base.update, ...updates])
    const value = team.value()
    team.destroy()
    return value
  }
  const entries = await history.foldEntries(events)
  return policy === 'consensus' ? foldConsensus(entries).value : foldLastWriter(entries).value
}

function ancestorsOf(past: readonly PastEvent[], id: EventId, document: DocumentPath): readonly PastEvent[] {
  const byId = new Map(past.map((event) => [event.id, event]))
  if (!byId.has(id))
    throw new SpiceTimeError('EVENT_UNKNOWN', `No event ${id} of '${document}' is known on this device.`, { event: id, path: document })
  const found = new Set<EventId>()
  const open = [id]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const event = byId.get(next)
    if (event === undefined || found.has(next)) continue
    found.add(next)
    open.push(...event.header.parents)
  }
  return past.filter((event) => found.has(event.id))
}
