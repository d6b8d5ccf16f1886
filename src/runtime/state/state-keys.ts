import type { EventId } from '../model/event.js'
import type { DocumentPath } from '../model/path.js'
import { positionKey } from '../model/position.js'
import type { KeyRange } from '../storage/store.js'

/** Where the state keeps what, beside the log. */
export const stateKeys = {
  document: (path: string): string => `d/${path}`,
  documentsUnder: (path: string): KeyRange => (path === '' ? { from: 'd/', to: 'd0' } : { from: `d/${path}/`, to: `d/${path}0` }),
  /** What an event did to its document: the index of the document's events, and what folding it anew needs. */
  change: (path: DocumentPath, position: number): string => `h/${path}/${positionKey(position)}`,
  changesOf: (path: DocumentPath): KeyRange => ({ from: `h/${path}/`, to: `h/${path}0` }),
  /** A team document's updates up to a position, merged. */
  merged: (path: DocumentPath): string => `y/${path}`,
  /** A team document as it was in the snapshot that this device started from. */
  base: (path: DocumentPath): string => `b/${path}`,
  undone: (id: EventId): string => `u/${id}`,
} as const
