import type { Event, EventHeader, EventId } from '../model/event.js'
import type { OperationName } from '../model/operation.js'
import type { StatePath } from '../model/path.js'
import type { Receipt } from '../model/receipt.js'

/** Read access to the log, for deliveries and history. */
export interface EventSource {
  readAt(position: number): Promise<Event | undefined>
  /** Without opening it. */
  idAt(position: number): Promise<EventId | undefined>
  positionOf(id: EventId): Promise<number | undefined>
}

/** What the state needs of the log to fold a document anew. */
export interface PastSource {
  /** undefined when the record was lost. */
  headerAt(position: number): Promise<LoggedHeader | undefined>
  receiptsOf(id: EventId, position: number): Promise<readonly Receipt[]>
  /** Where an event is, or what superseded it; undefined when neither is here. */
  find(id: EventId): Promise<{ readonly position: number; readonly id: EventId } | undefined>
  /** The events that one superseded, with the positions that they had; those that are here, in their order. */
  readOriginals(by: EventId): Promise<readonly { readonly position: number; readonly event: Event }[]>
}

export interface LoggedHeader {
  readonly id: EventId
  readonly header: EventHeader
  readonly path: StatePath
  readonly op: OperationName
}
