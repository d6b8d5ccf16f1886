import type { SpaceReference } from '../../model/event.js'

/** The name under which a space's lists of events are pinned, and another for content that only such a list tells of. */
export function pinName(space: SpaceReference, isList: boolean): string {
  return isList ? `spicetime/${space}` : `spicetime/${space}/content`
}
