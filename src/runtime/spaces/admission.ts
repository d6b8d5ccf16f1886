import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { AuthorId, EventContent, EventHeader, SpaceReference } from '../model/event.js'
import type { SpaceId } from '../model/path.js'
import { isValueMap } from '../model/value.js'
import { faultOf, lineageFromValue } from './lineage.js'
import { MEMBERS } from './members.js'

/** @throws SpiceTimeError AUTHOR_NOT_PERMITTED */
export async function admit(
  space: { readonly reference: SpaceReference; readonly founder: AuthorId; readonly id: SpaceId },
  { author, seq }: Pick<EventHeader, 'author' | 'seq'>,
  content: EventContent,
): Promise<void> {
  const own = `${space.id}/${MEMBERS}/`
  if (content.path.startsWith(own) && content.path.split('/')[2] !== author)
    throw notPermitted(space.id, author, "it writes another member's entry")
  if (seq > 0 || author === space.founder) return
  const value = content.body.value
  const lineage = isValueMap(value) ? lineageFromValue(value['lineage']) : undefined
  if (content.path !== own + author || lineage === undefined) throw notPermitted(space.id, author, 'its first event shows no invitation')
  const fault = await faultOf(lineage, space, author)
  if (fault !== undefined) throw notPermitted(space.id, author, fault)
}

export function notPermitted(space: SpaceId, author: AuthorId, why: string): SpiceTimeError {
  return new SpiceTimeError(
    'AUTHOR_NOT_PERMITTED',
    `An event for '${space}' was refused: its author ${author} may not write it, since ${why}.`,
    { space, author },
  )
}
