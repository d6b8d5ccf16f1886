import { DeliveryManager, readDeliveryRecords } from './delivery/delivery-manager.js'
import type { DeliveryRecords, KeepBody, Moved } from './delivery/delivery-manager.js'
import { devicePartsFor } from './device-parts.js'
import type { Device } from './device-parts.js'
import type { Diagnostics } from './diagnostics/diagnostics.js'
import type { EventProcessor } from './events/event-processor.js'
import type { ContentLists } from './event-lists.js'
import type { LargeBodies, LargeBodiesParts } from './large-bodies.js'
import { localLogOf } from './local-log.js'
import type { State } from './model/state.js'
import type { StatePath } from './model/path.js'
import type { RoutingPolicy } from './model/routing-policy.js'
import type { NetworkReport } from './model/trace.js'
import { NetworkLives } from './network-lives.js'
import { readNetworkSettings } from './network-settings.js'
import type { SettingsByNetwork } from './network-settings.js'
import { loadProviderMakers } from './networks/registry.js'
import type { NamedMaker } from './networks/registry.js'
import type { NetworkProvider, ProviderSignals } from './networks/provider.js'
import { Lazy } from './platform/lazy.js'
import type { Platform } from './platform/platform.js'
import { readRoutingPolicy } from './routing-policy.js'
import { ResourceManager } from './resources/resource-manager.js'
import type { SnapshotManager } from './snapshots/snapshot-manager.js'
import type { Store } from './storage/store.js'
import type { SyncManager } from './sync/sync-manager.js'

export interface DeliveryServiceParts {
  readonly store: Store
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  readonly processor: EventProcessor
  readonly readState: (path: StatePath) => Promise<State>
  readonly supplies: DeliverySupplies
  readonly device: Device
  /** @see StateManager.bodyAt */
  readonly bodyAt: LargeBodiesParts['bodyAt']
  /** Loaded when a network that keeps snapshots is first pulled from. */
  readonly snapshots: () => Promise<SnapshotManager>
}

/** What can be read and loaded while the rest of a runtime opens. */
export interface DeliverySupplies {
  readonly resources: ResourceManager
  readonly records: DeliveryRecords
  readonly makers: readonly NamedMaker[]
  readonly settings: SettingsByNetwork
  readonly policy: RoutingPolicy
}

/** @param providers in place of the registry's */
export async function loadDeliverySupplies(parts: {
  readonly store: Store
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  readonly providers?: readonly (NetworkProvider | NamedMaker)[]
}): Promise<DeliverySupplies> {
  const [resources, records, makers, settings, policy] = await Promise.all([
    ResourceManager.open(parts),
    readDeliveryRecords(parts.store),
    parts.providers?.map((one) => ('make' in one ? one : { network: one.network, make: () => one })) ?? loadProviderMakers(),
    readNetworkSettings(parts.store, parts.diagnostics),
    readRoutingPolicy(parts.store, parts.diagnostics),
  ])
  return { resources, records, makers, settings, policy }
}

type Listener = (reports: readonly NetworkReport[]) => void

/** Milliseconds. */
const REPORT_DELAY = 50

/** The networks of a runtime: makes the providers and those who send to them and pull from them, and reports on them. */
export class DeliveryService {
  readonly manager: DeliveryManager
  readonly #parts: DeliveryServiceParts
  readonly #providers: readonly NetworkProvider[]
  readonly #lives: NetworkLives
  readonly #resources: ResourceManager
  /** Not before the first answers: what networks bring is no part of the start. */
  readonly #sync = new Lazy(() => this.#makeSync())
  readonly #listeners = new Set<Listener>()
  readonly #undo: (() => void)[] = []
  readonly #snapshots: Lazy<SnapshotManager>
  readonly #contents = new Lazy(() => this.#makeContents())
  readonly #bodies = new Lazy(() => this.#makeBodies())
  #cancelReport: (() => void) | undefined
  #stopped = false
  #policy: RoutingPolicy

  constructor(parts: DeliveryServiceParts) {
    const { store, platform, diagnostics, processor, supplies } = parts
    const { resources, records, makers, settings, policy } = supplies
    this.#parts = parts
    this.#resources = resources
    this.#snapshots = new Lazy(parts.snapshots)
    const localLog = localLogOf(processor, parts.readState)
    const networks = makers.map(({ network, make }) => {
      const own = devicePartsFor(network, { ...parts.device, lists: () => this.#contents.get() })
      return { provider: make({ ...own, localLog }), parts: own }
    })
    this.#providers = networks.map(({ provider }) => provider)
    this.#lives = new NetworkLives({ store, platform, diagnostics, networks, settings })
    const shared = { store, platform, diagnostics, intake: processor }
    const supersede = (positions: readonly number[]): Promise<void> => processor.supersede(positions)
    const keepBody: KeepBody = async (event, flight) => (await this.bodies()).keep(event, flight)
    const sending = { resources, providers: this.#providers, events: processor.log, supersede, keepBody }
    this.manager = new DeliveryManager({ ...shared, ...sending }, records)
    this.#policy = policy
    this.manager.setPolicy(policy)
  }

  /** Ways to the members who are online. */
  get signals(): readonly ProviderSignals[] {
    return this.#providers.flatMap(({ signals }) => signals ?? [])
  }

  /** The network that keeps content, where there is one. */
  get keeper(): NetworkProvider | undefined {
    return this.#providers.find(({ content }) => content !== undefined)
  }

  /** Starts the providers, the sending and the pulling. A network that starts slowly or not at all keeps nothing else from working. */
  async start(): Promise<void> {
    const { diagnostics } = this.#parts
    for (const provider of this.#providers) this.#undo.push(provider.onStatus(() => this.#tell()))
    this.#undo.push(
      this.manager.onMoved(() => this.#tellSoon()),
      // A decision is made where a queue may have grown.
      diagnostics.subscribe(({ diagnostic }) => {
        if (diagnostic.kind === 'decision-made') this.#tellSoon()
      }),
    )
    await this.#lives.start()
    await this.manager.start()
    const sync = await this.#sync.get()
    if (!this.#stopped) sync.start()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const undo of this.#undo.splice(0)) undo()
    this.#cancelReport?.()
    const sync = await this.#sync.made()
    if (sync !== undefined) await this.#lives.bounded('stopping to pull', sync.stop())
    // After what asks for them.
    ;(await this.#bodies.made())?.close()
    const snapshots = await this.#snapshots.made()
    if (snapshots !== undefined) await this.#lives.bounded('stopping to publish a snapshot', snapshots.stop())
    await this.#lives.bounded('stopping to send', this.manager.stop())
    await this.#lives.stop()
  }

  /** @see NetworkLives.configure */
  configure(settings: unknown): Promise<void> {
    return this.#lives.configure(settings)
  }

  get policy(): RoutingPolicy {
    return this.#policy
  }

  /** @see RuntimeClient.definePolicy */
  async definePolicy(foreign: unknown): Promise<void> {
    const { keepRoutingPolicy } = await import('./new-routing-policy.js')
    const policy = await keepRoutingPolicy(this.#parts.store, foreign)
    this.#policy = policy
    this.manager.setPolicy(policy)
    this.#parts.diagnostics.emit({ kind: 'policy-defined', policy })
    this.#tell()
  }

  /** Pulls from every network now. @throws SpiceTimeError NETWORK_UNAVAILABLE, ABORTED */
  async sync(options?: { readonly signal?: AbortSignal }): Promise<void> {
    const sync = await this.#sync.get()
    await sync.syncNetworks(options)
  }

  bodies(): Promise<LargeBodies> {
    return this.#bodies.get()
  }

  /** Loaded with the first body that does not fit into its event. */
  async #makeBodies(): Promise<LargeBodies> {
    const { LargeBodies: Bodies } = await import('./large-bodies.js')
    return new Bodies({ ...this.#parts, spaces: this.#parts.device.spaces, contents: () => this.#contents.get() })
  }

  /** Loaded with the first network that may need lists, or the first body. */
  async #makeContents(): Promise<ContentLists> {
    const { ContentLists: Contents } = await import('./event-lists.js')
    const lists = new Contents()
    this.#undo.push(lists.attach(this.#providers))
    return lists
  }

  async #makeSync(): Promise<SyncManager> {
    const { SyncManager: Manager } = await import('./sync/sync-manager.js')
    const { store, platform, diagnostics, processor } = this.#parts
    return new Manager({
      ...{ store, platform, diagnostics, intake: processor },
      providers: this.#providers.filter(({ network }) => network !== 'local'),
      beforeUpdate: async (provider, ...update) =>
        provider.snapshots !== undefined && (await this.#snapshots.get()).take(provider, ...update),
      caughtUp: (provider) => {
        if (provider.snapshots === undefined || provider.status().state !== 'connected') return
        // Where it can't be loaded, the next pull that catches up asks for it again.
        this.#snapshots.get().then(
          (snapshots) => snapshots.pulled(provider),
          () => undefined,
        )
      },
    })
  }

  reports(): readonly NetworkReport[] {
    const queued = this.manager.queuedCounts()
    const delivered = this.manager.deliveredCounts()
    return this.#providers.map((provider) =>
      this.#reportOf(provider, { queued: queued[provider.network] ?? 0, delivered: delivered[provider.network] ?? 0 }),
    )
  }

  /** Calls back with the present reports, then whenever one changes. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener)
    listener(this.reports())
    return () => this.#listeners.delete(listener)
  }

  /** Told when deliveries moved, but for those that were made: their receipts tell of that. */
  onMoved(listener: () => void): void {
    const tells = ({ phase }: Moved): boolean => phase !== 'sending' && phase !== 'delivered'
    this.#undo.push(this.manager.onMoved((moved) => (moved.some(tells) ? listener() : undefined)))
  }

  #reportOf(provider: NetworkProvider, counts: { readonly queued: number; readonly delivered: number }): NetworkReport {
    const { network, capabilities } = provider
    const { state, reason, since } = provider.status()
    const { latency, success } = this.#resources.measured(network)
    return {
      network,
      state,
      ...(reason === undefined ? {} : { reason }),
      since,
      requirements: capabilities.requirements,
      ...counts,
      latency,
      success,
      spentToday: this.#resources.spentToday(network),
      bytesSpent: this.#resources.bytesSpent(network),
      budget: network === 'local' ? {} : (this.#policy.budgets?.[network] ?? {}),
      facts: provider.facts(),
    }
  }

  /** Many deliveries move at once; their networks are reported on once. */
  #tellSoon(): void {
    if (this.#listeners.size === 0) return
    this.#cancelReport ??= this.#parts.platform.after(REPORT_DELAY, () => {
      this.#cancelReport = undefined
      this.#tell()
    })
  }

  #tell(): void {
    if (this.#listeners.size === 0) return
    const reports = this.reports()
    for (const listener of this.#listeners) listener(reports)
  }
}
