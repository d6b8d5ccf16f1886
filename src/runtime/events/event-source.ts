import type { Event, EventId } from '../model/event.js'

/** Read access to the log, for deliveries and history. */
export interface EventSource {
  readAt(position: number): Promise<Event | undefined>
  positionOf(id: EventId): Promise<number | undefined>
}
