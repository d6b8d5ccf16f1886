import type { EventId, HybridTime } from '../../model/event.js'
import type { ChainOrder } from '../../model/receipt.js'
import type { PlainOperation } from './plain-operations.js'

/** An event as the plain merges fold it. */
export interface FoldEntry {
  readonly id: EventId
  readonly time: HybridTime
  readonly operation: PlainOperation
  /** Of an undo: the event that it takes back. */
  readonly target?: EventId
  readonly expect?: readonly EventId[]
  /** Absent while no chain has ordered it. */
  readonly order?: ChainOrder
  /** Whether the event asked to be ordered by consensus. */
  readonly ordered: boolean
}

export interface Rejection {
  readonly code: 'CONFLICT' | 'POLICY_MISMATCH' | 'VALUE_TYPE_CLASH'
  readonly reason: string
  readonly winner?: EventId
}
