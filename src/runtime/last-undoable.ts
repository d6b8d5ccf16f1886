import { SpiceTimeError } from './errors/spice-time-error.js'
import type { EventProcessor } from './events/event-processor.js'
import type { AuthorId, Event } from './model/event.js'
import { isWithin } from './model/path.js'
import type { StatePath } from './model/path.js'
import { MEMBERS } from './spaces/space-manager.js'
import type { SpaceManager } from './spaces/space-manager.js'
import type { StateManager } from './state/state-manager.js'

interface Ground {
  readonly spaces: SpaceManager
  readonly log: EventProcessor['log']
  readonly state: StateManager
}

/**
 * The author's newest event at or below the path, or anywhere, that is neither undone nor an undo itself.
 * @throws SpiceTimeError NOTHING_TO_UNDO
 */
export async function lastUndoable(author: AuthorId, under: StatePath | undefined, ground: Ground): Promise<Event> {
  const { spaces } = ground
  const chains = under === undefined ? ['me', ...spaces.list().map((space) => space.id)] : [under.split('/')[0] ?? '']
  let newest: Event | undefined
  for (const space of chains) {
    const event = await lastIn(space, ground, { author, under: under ?? space })
    if (event !== undefined && (newest === undefined || newest.time <= event.time)) newest = event
  }
  if (newest !== undefined) return newest
  throw new SpiceTimeError(
    'NOTHING_TO_UNDO',
    `There is no event of ${author === spaces.me ? 'this device' : author}${under === undefined ? '' : ` under '${under}'`} left to undo.`,
  )
}

/** Of what superseded others, one of these, where they are here: a keystroke of a burst is taken back by itself. */
async function lastIn(
  space: string,
  { log, state }: Ground,
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
