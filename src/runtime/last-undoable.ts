import type { EventLog } from './events/event-processor.js'
import type { AuthorId, Event } from './model/event.js'
import { isWithin } from './model/path.js'
import type { StatePath } from './model/path.js'
import { MEMBERS } from './spaces/space-manager.js'
import type { StateManager } from './state/state-manager.js'

interface Undoing {
  readonly log: EventLog
  readonly state: Pick<StateManager, 'isUndone'>
  /** Spaces whose chains are looked at. */
  readonly chains: readonly string[]
}

/** The author's newest event at or below the path that is neither undone nor an undo itself. */
export async function lastUndoable(parts: Undoing, author: AuthorId, under: StatePath | undefined): Promise<Event | undefined> {
  let newest: Event | undefined
  for (const space of parts.chains) {
    const event = await lastIn(space, parts, { author, under: under ?? space })
    if (event !== undefined && (newest === undefined || newest.time <= event.time)) newest = event
  }
  return newest
}

async function lastIn(
  space: string,
  { log, state }: Undoing,
  { author, under }: { readonly author: AuthorId; readonly under: string },
): Promise<Event | undefined> {
  for await (const id of log.chainBackwards(space, author)) {
    if (await state.isUndone(id)) continue
    for (const event of await log.unitsOf(id)) {
      if (event.op === 'undo' || isWithin(event.path, `${space}/${MEMBERS}`) || !isWithin(event.path, under)) continue
      if (!(await state.isUndone(event.id))) return event
    }
  }
  return undefined
}
