import type { EventId } from '../../model/event.js'
import type { StatePath } from '../../model/path.js'
import type { State } from '../../model/state.js'
import type { ProviderEvent } from '../provider.js'

/** This device's event log as a network: the runtime implements it over its own log and state. */
export interface LocalLog {
  /** Order of arrival, from 1; undefined for an event that is not in the log. */
  positionOf(id: EventId): Promise<number | undefined>
  /**
   * Makes an event durable and gives its position; one that is there keeps the position it has.
   * @throws SpiceTimeError STORAGE_FULL, STORAGE_FAILED, STORAGE_CLOSED, and what the intake refuses
   */
  append(event: ProviderEvent): Promise<number>
  /** Events after that position, in order, in pages. */
  since(position: number): AsyncIterable<readonly LoggedEvent[]>
  stateOf(path: StatePath): Promise<State>
}

export interface LoggedEvent {
  readonly id: EventId
  readonly position: number
  readonly bytes: Uint8Array
}
