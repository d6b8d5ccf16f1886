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
export async function lastUndoable(author: AuthorId, under: StatePath | undefined, { spaces, log, state }: Ground): Promise<Event> {
  const chains = under === undefined ? ['me', ...spaces.list().map((space) => space.id)] : [under.split('/')[0] ?? '']
  const isUndoable = ({ op, path, spaceId }: Event): boolean =>
    op !== 'undo' && !isWithin(path, `${spaceId}/${MEMBERS}`) && (under === undefined || isWithin(path, under))
  let newest: Event | undefined
  for (const space of chains) {
    for await (const id of log.chainBackwards(space, author)) {
      const event = await log.read(id)
      if (event === undefined || !isUndoable(event)) continue
      if (newest !== undefined && newest.time > event.time) break
      if (await state.isUndone(id)) continue
      newest = event
      break
    }
  }
  if (newest !== undefined) return newest
  throw new SpiceTimeError(
    'NOTHING_TO_UNDO',
    `There is no event of ${author === spaces.me ? 'this device' : author}${under === undefined ? '' : ` under '${under}'`} left to undo.`,
  )
}
