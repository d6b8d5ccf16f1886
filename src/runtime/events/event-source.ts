import type { Event, EventHeader, EventId } from '../model/event.js'
import type { OperationName } from '../model/operation.js'
import type { StatePath } from '../model/path.js'
import type { Receipt } from '../model/receipt.js'

/** Read access to the log, for deliveries and history. */
export interface EventSource {
  readAt(position: number): Promise<Event | undefined>
  positionOf(id: EventId): Promise<number | undefined>
}

/** What the state needs of the log to fold a document anew. */
export interface PastSource {
  /** undefined when the record was lost. */
  headerAt(position: number): Promise<LoggedHeader | undefined>
  receiptsOf(id: EventId, position: number): Promise<readonly Receipt[]>
}

export interface LoggedHeader {
  readonly id: EventId
  readonly header: EventHeader
  readonly path: StatePath
  readonly op: OperationName
}
