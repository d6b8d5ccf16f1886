import type { AuthorId, EventId, HybridTime } from './event.js'
import type { Decision, Delivery } from './decision.js'
import type { Level, Network, Requirement } from './network.js'
import type { OperationName } from './operation.js'
import type { DocumentPath, SpaceId, StatePath } from './path.js'
import type { Receipt } from './receipt.js'
import type { NetworkBudget } from './routing-policy.js'
import type { MergePolicy } from './state.js'

/** Whether an event takes part in the state. */
export type Standing =
  | { readonly kind: 'applied' }
  | { readonly kind: 'waiting'; readonly reason: string; readonly missing: readonly EventId[] }
  /** Part of a snapshot that this device has taken: not here itself, but what it did is. */
  | { readonly kind: 'covered'; readonly reason: string; readonly author: AuthorId }
  | { readonly kind: 'rejected'; readonly code: string; readonly reason: string; readonly winner?: EventId }
  | { readonly kind: 'quarantined'; readonly code: string; readonly reason: string }

/** Everything that is known of one event. */
export interface Trace {
  /** Of a superseded event: that of what took its place. */
  readonly id: EventId
  readonly standing: Standing
  readonly level: Level
  readonly position: number
  readonly space: SpaceId
  readonly document: DocumentPath
  readonly path: StatePath
  readonly op: OperationName
  readonly policy: MergePolicy
  readonly author: AuthorId
  readonly seq: number
  readonly time: HybridTime
  readonly needs: readonly Requirement[]
  readonly public: boolean
  readonly bytes: number
  readonly parents: readonly EventId[]
  readonly children: readonly EventId[]
  readonly previous?: EventId
  /** How many events it took the places of. */
  readonly supersedes?: number
  readonly decision: Decision | undefined
  readonly deliveries: readonly Delivery[]
  readonly receipts: readonly Receipt[]
}

/** A network as the application sees it. */
export interface NetworkReport {
  readonly network: Network
  readonly state: 'connected' | 'connecting' | 'away' | 'not-connected'
  /** One sentence: what is wrong and what to do; absent when connected. */
  readonly reason?: string
  /** Milliseconds since 1970 of the last change. */
  readonly since: number
  readonly requirements: readonly Requirement[]
  readonly queued: number
  readonly delivered: number
  /** Milliseconds, exponentially weighted; undefined before the first answer. */
  readonly latency: number | undefined
  /** 0 to 1, exponentially weighted. */
  readonly success: number
  /** In lamports, since midnight UTC. */
  readonly spentToday: number
  /** Bytes of events ever handed to it. */
  readonly bytesSpent: number
  /** What it may use. */
  readonly budget: NetworkBudget
  /** What its provider has to tell beside that, by its name in words: endpoint, address, balance, what was passed over. */
  readonly facts: Readonly<Record<string, string | number>>
}
