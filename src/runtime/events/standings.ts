import type { EventId } from '../model/event.js'
import type { Standing } from '../model/trace.js'
import type { Store } from '../storage/store.js'
import type { CoveredEvents } from './covered-events.js'
import { readRefusal } from './refusals.js'
import type { WaitingRoom } from './waiting-room.js'

interface Ground {
  readonly store: Store
  readonly waiting: WaitingRoom
  readonly covered: () => Promise<CoveredEvents>
}

/** Why an event is not in the log; undefined when it was never seen, or is there. */
export async function standingOf(id: EventId, { store, waiting, covered }: Ground): Promise<Standing | undefined> {
  await waiting.load()
  const event = waiting.get(id)
  if (event !== undefined) return { kind: 'waiting', reason: event.reason, missing: event.missing }
  const refusal = await readRefusal(store, id)
  if (refusal !== undefined) return { kind: refusal.kind, code: refusal.code, reason: refusal.reason }
  return await coveredStanding(await covered(), id)
}

/** Why an event that a base covers is not in the log; undefined when none does. */
async function coveredStanding(covered: CoveredEvents, id: EventId): Promise<Standing | undefined> {
  for (const [space, { author, events, reference }] of covered.bases()) {
    if (!(await covered.has(space, id))) continue
    const reason = `It is one of ${events} events that came within the snapshot ${reference}, for which ${author} vouches; this device has what it did, and not the event itself.`
    return { kind: 'covered', reason, author }
  }
  return undefined
}
