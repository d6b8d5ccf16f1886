import { SpiceTimeError } from '../errors/spice-time-error.js'
import { parseEventId } from '../codec/event-id.js'
import { millisecondsOf } from '../model/event.js'
import type { EventId } from '../model/event.js'
import type { MergePolicy } from '../model/state.js'
import type { DocumentPath } from '../model/path.js'
import type { Value } from '../model/value.js'
import type { History, PastEvent } from './history.js'
import { foldConsensus } from './merge/consensus.js'
import { foldLastWriter } from './merge/last-writer.js'
import { TeamDocument } from './merge/team.js'

export interface PastValue {
  readonly value: Value | undefined
  readonly events: readonly PastEvent[]
}

/**
 * A document as it was: with an EventId, as its author saw it (the event and all it builds on); with a time, all events up to it.
 * Folded from the events, so that nothing but the log need be kept.
 * @throws SpiceTimeError EVENT_UNKNOWN, INPUT_MALFORMED
 */
export async function readPast(
  history: History,
  document: DocumentPath,
  when: { readonly at: string | number; readonly policy: MergePolicy },
): Promise<PastValue> {
  const past = await history.pastOf(document)
  const events =
    typeof when.at === 'number'
      ? past.filter((event) => millisecondsOf(event.header.time) <= Number(when.at))
      : ancestorsOf(past, await history.standing(parseEventId(when.at)), document)
  return { value: await foldPast(history, events, when.policy), events }
}

export async function foldPast(history: History, events: readonly PastEvent[], policy: MergePolicy): Promise<Value | undefined> {
  if (policy === 'team') {
    const team = new TeamDocument(
      0,
      events.flatMap(({ content }) => content.body.update ?? []),
    )
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
