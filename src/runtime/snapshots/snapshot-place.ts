import type { Author } from '../crypto/signing.js'
import type { Diagnostics } from '../diagnostics/diagnostics.js'
import type { EventProcessor } from '../events/event-processor.js'
import type { SnapshotSource, SpaceAccess } from '../events/snapshot-source.js'
import type { Requirement } from '../model/network.js'
import type { SpaceId } from '../model/path.js'
import type { Space } from '../model/space.js'
import type { NetworkProvider, ProviderSnapshots } from '../networks/provider.js'
import type { Platform } from '../platform/platform.js'
import type { StateManager } from '../state/state-manager.js'
import type { Store, StoreChange } from '../storage/store.js'

/** What snapshots are made of and taken into. */
export interface SnapshotManagerParts {
  readonly store: Store
  readonly author: Author
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  readonly processor: EventProcessor
  readonly state: StateManager
  readonly spaces: {
    list(): readonly Space[]
    byId(id: SpaceId): SpaceAccess | undefined
    byWire(wire: string): SpaceAccess | undefined
    readonly me: Author['id']
  }
  /** Learns what the covered events ask for. */
  readonly needs: {
    apply(events: readonly Asked[], changes: StoreChange[]): void
    committed(events: readonly Asked[]): void
  }
}

interface Asked {
  readonly event: { readonly space: string; readonly needs: readonly Requirement[] }
}

/** One space and one network that keeps its snapshots. */
export interface SnapshotPlace extends SnapshotManagerParts {
  readonly space: Space
  readonly access: SpaceAccess
  readonly provider: NetworkProvider
  readonly snapshots: ProviderSnapshots
  readonly source: SnapshotSource
}
