import type { EventId } from './event.js'
import type { Level, Network } from './network.js'
import type { StatePath } from './path.js'
import type { Value } from './value.js'

/** How concurrent events of a document merge. */
export const MERGE_POLICIES = ['team', 'consensus', 'last-writer'] as const
export type MergePolicy = (typeof MERGE_POLICIES)[number]

export interface NetworkState {
  readonly level: Level
  readonly reference: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** A value with how it came to be and how final it is. */
export interface State<T = Value> {
  readonly path: StatePath
  /** undefined when nothing is there. A path above documents gives nested maps by segment. */
  readonly value: T | undefined
  /** The document's causal heads; empty above documents. */
  readonly heads: readonly EventId[]
  /** The lowest level among the events that shape the value. */
  readonly level: Level
  /** Events on their way to a network they need, oldest first, at most `MAX_PENDING_SHOWN`. */
  readonly pending: readonly EventId[]
  readonly networks: { readonly [N in Network]?: NetworkState }
  /** Milliseconds since 1970; 0 when nothing is there. */
  readonly updatedAt: number
}

export const MAX_PENDING_SHOWN = 64
