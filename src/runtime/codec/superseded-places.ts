import { SpiceTimeError } from '../errors/spice-time-error.js'
import { firstSeq, MAX_SUPERSEDED } from '../model/event.js'
import type { EventHeader, ShortId } from '../model/event.js'
import { shortIdOf, shortIdsFromBytes } from './event-id.js'

/** The `supersedes` of an event: short ids one after the other. @throws SpiceTimeError EVENT_MALFORMED */
export function readSuperseded(bytes: unknown): readonly ShortId[] {
  if (!(bytes instanceof Uint8Array) || bytes.length % 8 !== 0) throw malformed('is no list of short ids')
  const ids = shortIdsFromBytes(bytes)
  if (ids.length < 2 || ids.length > MAX_SUPERSEDED) throw malformed(`does not name 2 to ${MAX_SUPERSEDED} events`)
  if (new Set(ids).size !== ids.length) throw malformed('names an event twice')
  return ids
}

/** What an event supersedes are places of its author's chain up to its own; it can't build on them. @throws SpiceTimeError EVENT_MALFORMED */
export function checkSuperseded(header: EventHeader, supersedes: readonly ShortId[]): void {
  if (firstSeq(header) < 0) throw malformed('takes more places than its author’s chain has before it')
  const built = header.previous === undefined ? header.parents : [header.previous, ...header.parents]
  const taken = new Set(supersedes)
  if (built.some((id) => taken.has(shortIdOf(id)))) throw malformed('names an event that it also builds on')
}

function malformed(why: string): SpiceTimeError {
  return new SpiceTimeError('EVENT_MALFORMED', `An event was refused: its 'supersedes' ${why}.`)
}
