import type { UnitedEvents } from '../events/event-applier.js'
import type { Event } from '../model/event.js'
import { documentOf } from '../model/path.js'
import type { DocumentCache } from './document-cache.js'
import { covers, unite } from './merge/united-updates.js'

/** @see EventComposer.unite */
export async function uniteEvents(events: readonly Event[], cache: DocumentCache): Promise<UnitedEvents | undefined> {
  const path = events[0] === undefined ? undefined : documentOf(events[0].path)
  const updates = events.flatMap(({ body }) => body.update ?? [])
  if (path === undefined || updates.length < events.length || (await cache.look(path))?.policy !== 'team') return undefined
  const { update, count } = unite(updates)
  return count < 2 ? undefined : { body: { update }, count }
}

/** @see EventComposer.covers */
export function coversEvents(event: Event, others: readonly Event[]): boolean {
  const { update } = event.body
  const path = documentOf(event.path)
  const updates = others.flatMap(({ body }) => body.update ?? [])
  if (update === undefined || updates.length < others.length || others.some((other) => documentOf(other.path) !== path)) return false
  return covers(update, updates)
}
