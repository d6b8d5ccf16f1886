import type { EventId } from './event.js'
import type { Level } from './network.js'
import type { DocumentPath } from './path.js'
import type { State } from './state.js'
import type { Value } from './value.js'

/** One document that changed below a watched path. */
export interface DocumentChange {
  readonly path: DocumentPath
  /** undefined when the document was removed. */
  readonly value: Value | undefined
  readonly level: Level
  readonly updatedAt: number
  readonly pending: readonly EventId[]
  readonly networks: State['networks']
}

/** A piece of the documents below a path; the last piece is `complete`. `documents` are packed rows, see `page/packed-documents.ts`. */
export interface StateSnapshot {
  readonly kind: 'snapshot'
  readonly documents: readonly Uint8Array[]
  readonly complete: boolean
}

/** What a live document lacks, and what its other editors say of themselves. `docs/decisions/0015-live-documents.md` */
export interface LiveChange {
  readonly kind: 'live'
  /** The Yjs client id of the device's author in that space. */
  readonly client: number
  /** A Yjs update (V2); absent when only awareness moved. */
  readonly update?: Uint8Array
  /** y-protocols awareness updates of one client each. */
  readonly awareness: readonly Uint8Array[]
}

/**
 * What a watch brings. At or below a document: whole states. Above documents: a snapshot in one or more pieces, then the documents that
 * changed; a new snapshot replaces all before it.
 */
export type StateChange =
  | { readonly kind: 'state'; readonly state: State }
  | StateSnapshot
  | { readonly kind: 'documents'; readonly changes: readonly DocumentChange[] }
  | LiveChange

/** What a read gives: the state itself, or, above documents, one complete snapshot. */
export type StateAnswer = { readonly kind: 'state'; readonly state: State } | StateSnapshot
