import type { EventId } from '../../model/event.js'
import type { Ground } from './reading-cursor.js'
import type { FoundEvent } from './slot-events.js'

/** An event as a pull tells of it. */
export type NewsEvent = Omit<FoundEvent, 'bytes'> & {
  readonly bytes?: FoundEvent['bytes'] | undefined
  readonly final: boolean
  readonly isNew: boolean
  /** A list before it is missing: it has no place yet. */
  readonly held?: true
}

/** What a pull of one space brought. */
export interface SpaceNews {
  readonly found: readonly NewsEvent[]
  readonly retracted: readonly EventId[]
  readonly ground: Ground
}
