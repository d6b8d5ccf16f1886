import type { Event, EventId } from '../model/event.js'
import type { LogRow } from './log-row.js'
import { decodeOriginal } from './original-row.js'

/** What this asks of the log. */
interface OriginalsLog {
  originalRows(by: EventId): Promise<readonly Uint8Array[]>
  positionOf(id: EventId): Promise<number | undefined>
  read(id: EventId): Promise<Event | undefined>
  open(row: LogRow): Promise<Event>
}

/** The events whose places that one took, opened, in their order. One that came after what superseded it stands with that. */
export async function readOriginals(
  by: EventId,
  log: OriginalsLog,
): Promise<readonly { readonly position: number; readonly event: Event }[]> {
  const originals = (await log.originalRows(by)).map(decodeOriginal)
  const after = originals.length === 0 ? 0 : ((await log.positionOf(by)) ?? 0)
  const opened = await Promise.all(
    originals.map(async ({ position, row }) => ({ position: position === 0 ? after : position, event: await log.open(row) })),
  )
  // The body of a large one went with its place: it is not here.
  return opened.filter(({ event }) => event.bodyCid === undefined)
}

/** What of an event can be undone by itself, newest first: the events that it superseded where all are here, else itself. */
export async function unitsOf(id: EventId, log: OriginalsLog): Promise<readonly Event[]> {
  const event = await log.read(id)
  if (event?.supersedes === undefined) return event === undefined ? [] : [event]
  const originals = await readOriginals(id, log)
  return originals.length < event.supersedes.length ? [event] : originals.map((original) => original.event).toReversed()
}
