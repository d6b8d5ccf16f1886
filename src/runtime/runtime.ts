import { parseInput } from './codec/input-codec.js'
import type { ParsedInput } from './codec/input-codec.js'
import { parseAuthorId } from './codec/event-id.js'
import { loadAuthor } from './crypto/signing.js'
import type { Diagnostics } from './diagnostics/diagnostics.js'
import { SpiceTimeError } from './errors/spice-time-error.js'
import { EventLog, EventProcessor, readHead } from './events/event-processor.js'
import type { BodyKeeper } from './events/event-processor.js'
import type { FileService } from './file-service.js'
import type { Pieces } from './files/file-manager.js'
import type { LiveFeed } from './live-feed.js'
import type { Inspection } from './inspection.js'
import type { AuthorId, Event, EventId, EventInput, EventSummary } from './model/event.js'
import type { FileInfo } from './model/file-info.js'
import type { Level } from './model/network.js'
import type { NetworkSettings } from './model/network-settings.js'
import { documentOf, parsePath } from './model/path.js'
import type { StatePath } from './model/path.js'
import type { RoutingPolicy } from './model/routing-policy.js'
import type { Member, Space } from './model/space.js'
import type { State } from './model/state.js'
import type { StateAnswer } from './model/state-change.js'
import type { NetworkReport, Trace } from './model/trace.js'
import { isValueMap } from './model/value.js'
import type { Value } from './model/value.js'
import { DeliveryService, loadDeliverySupplies } from './delivery-service.js'
import type { NetworkProvider } from './networks/provider.js'
import type { NamedMaker } from './networks/registry.js'
import { Mending } from './mending.js'
import type { OfferedServices } from './offered-services.js'
import { Lazy } from './platform/lazy.js'
import type { Platform } from './platform/platform.js'
import type { Reaching } from './reaching.js'
import type {
  CreateSpaceOptions,
  EventQuery,
  GetFileOptions,
  PutFileOptions,
  ReadOptions,
  StorageReport,
  UndoOptions,
  WaitOptions,
} from './runtime-client.js'
import { MEMBERS, SpaceManager, SpaceNeeds } from './spaces/space-manager.js'
import type { SpaceOpening } from './spaces/space-manager.js'
import type { SnapshotManager } from './snapshots/snapshot-manager.js'
import type { AskSink, PageAnswer } from '../workers/page-ask.js'
import { readStoredState, StateManager } from './state/state-manager.js'
import type { StateSink, StateWatch } from './state/state-manager.js'
import type { BlockStore } from './storage/block-store.js'
import { LazyBlocks } from './storage/lazy-blocks.js'
import type { KeyStore } from './storage/key-store.js'
import type { Store } from './storage/store.js'

export interface RuntimeParts {
  readonly store: Store
  readonly keys: KeyStore
  /** Opens the device's blocks; called when a network first asks for them. */
  readonly openBlocks: () => Promise<BlockStore>
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  /** What the platform knows of the device's storage. */
  readonly storageFacts: () => Promise<Pick<StorageReport, 'mode' | 'usage' | 'quota'>>
  /** Networks in place of the registry's, for tests. */
  readonly providers?: readonly (NetworkProvider | NamedMaker)[]
}

interface Keyed extends WaitOptions {
  readonly key?: string
  /** The key may have been used in an earlier life of the runtime. */
  readonly again?: boolean
}

/** Wires the managers and answers for them. One Runtime owns its store. */
export class Runtime {
  readonly #parts: RuntimeParts
  readonly #processor: EventProcessor
  readonly #state: StateManager
  readonly #spaces: SpaceManager
  readonly #deliveries: DeliveryService
  readonly #inspection = new Lazy(() => this.#makeInspection())
  readonly #reaching = new Lazy(() => this.#makeReaching())
  #waiters: Reaching | undefined
  readonly #mending: Mending
  readonly #pages: () => Promise<OfferedServices>
  readonly #blocks: LazyBlocks
  readonly #live = new Lazy(() => this.#makeLive())
  readonly #files = new Lazy(() => this.#makeFiles())
  readonly #parse = (input: unknown): ParsedInput => parseInput(input, (document) => this.#spaces.policyOf(document))

  private constructor(
    parts: RuntimeParts,
    managers: {
      processor: EventProcessor
      state: StateManager
      spaces: SpaceManager
      deliveries: DeliveryService
      pages: () => Promise<OfferedServices>
      blocks: LazyBlocks
    },
  ) {
    const { processor, state, spaces, deliveries, pages, blocks } = managers
    this.#blocks = blocks
    this.#pages = pages
    this.#parts = parts
    this.#processor = processor
    this.#state = state
    this.#spaces = spaces
    this.#deliveries = deliveries
    this.#mending = new Mending({ ...parts, refold: (documents) => processor.refold(documents) })
    processor.register(state, state)
    processor.register(deliveries.manager, deliveries.manager)
    this.#deliveries.onMoved(() => this.#waiters?.lookAgain())
  }

  /** Opens the runtime on a store, and starts its networks. @throws SpiceTimeError CRYPTO_UNAVAILABLE, STORAGE_FAILED */
  static async open(parts: RuntimeParts): Promise<Runtime> {
    const { store, platform, diagnostics } = parts
    // Asked for together: each answer of a browser's storage takes its milliseconds.
    const reading = Promise.all([readHead(store), loadDeliverySupplies(parts)])
    // Should the author fail to load, that is what the caller hears.
    reading.catch(() => undefined)
    const author = await loadAuthor(parts.keys)
    const [spaces, needs] = await Promise.all([SpaceManager.open({ store, author, platform }), SpaceNeeds.open(store)])
    const [head, supplies] = await reading
    const log = new EventLog(store, spaces)
    const state = new StateManager({ store, log, platform, me: author.id, declaredPolicy: (document) => spaces.policyOf(document) })
    const bodies = (): Promise<BodyKeeper> => deliveries.bodies()
    const processor = new EventProcessor({ store, author, platform, diagnostics, spaces, composer: state.composer, log, bodies }, head)
    const readState = (path: StatePath): Promise<State> => state.read(path)
    const offered = new Lazy(async () => new (await import('./offered-services.js')).OfferedServices(platform))
    const pages = (): Promise<OfferedServices> => offered.get()
    const blocks = new LazyBlocks(parts.openBlocks)
    const device = { ...parts, spaces, needs, pages, blocks: () => blocks.open() }
    const snapshots = async (): Promise<SnapshotManager> => {
      const { SnapshotManager: Manager } = await import('./snapshots/snapshot-manager.js')
      return new Manager({ ...parts, author, processor, state, spaces, needs })
    }
    const bodyAt = state.bodyAt.bind(state)
    const deliveries = new DeliveryService({ snapshots, bodyAt, store, platform, diagnostics, processor, supplies, readState, device })
    processor.register(needs)
    const runtime = new Runtime(parts, { processor, state, spaces, deliveries, pages, blocks })
    await runtime.#deliveries.start()
    runtime.#mending.start()
    return runtime
  }

  /** A document's state as it is stored, for reads before a runtime has opened on the store; undefined where only the runtime can tell. */
  static async readStored(store: Store, path: string): Promise<State | undefined> {
    return await readStoredState(store, parsePath(path))
  }

  get me(): AuthorId {
    return this.#spaces.me
  }

  /** The one door for what networks bring. */
  get intake(): EventProcessor {
    return this.#processor
  }

  async submitEvent(input: EventInput, options: Keyed = {}): Promise<EventId> {
    const [id] = await this.submitEvents([input], options)
    if (id === undefined) throw new SpiceTimeError('INTERNAL', 'The event got no id.')
    return id
  }

  async submitEvents(inputs: readonly EventInput[], options: Keyed = {}): Promise<readonly EventId[]> {
    if (inputs.some((input) => input?.op === 'file')) return (await this.#files.get()).submit(inputs, options)
    const { key, again } = options
    const parsed = inputs.map(this.#parse)
    return parsed.length === 0 ? [] : await this.#processor.accept(parsed, key === undefined ? {} : { key, again: again === true })
  }

  async putFile(path: string, source: Blob | Pieces, options?: PutFileOptions & Keyed): Promise<EventId> {
    return (await this.#files.get()).put(path, source, options)
  }

  async *readFile(path: string, reference: unknown, range: GetFileOptions = {}): Pieces {
    yield* (await this.#files.get()).read(path, reference, range)
  }

  async fileInfo(path: string): Promise<FileInfo> {
    return (await this.#files.get()).info(path)
  }

  async getState(path: string, { at }: ReadOptions = {}): Promise<StateAnswer> {
    const parsed = parsePath(path)
    const document = documentOf(parsed)
    if (document === undefined) {
      if (at !== undefined)
        throw new SpiceTimeError('INPUT_MALFORMED', `The past can be read document by document; '${parsed}' is above documents.`, {
          path: parsed,
        })
      return await this.#readTree(parsed)
    }
    const state = at === undefined ? await this.#state.read(parsed) : await this.#state.readAt(parsed, document, at)
    return { kind: 'state', state }
  }

  async subscribeState(path: string, sink: StateSink, live?: true): Promise<StateWatch> {
    const parsed = parsePath(path)
    return live === undefined ? this.#state.watch(parsed, sink) : (await this.#live.get()).subscribe(parsed, sink)
  }

  async live(path: string, awareness: Uint8Array): Promise<void> {
    ;(await this.#live.get()).tell(parsePath(path), awareness)
  }

  async undo({ author, under, key, again = false }: UndoOptions & Keyed = {}): Promise<EventId> {
    const path = under === undefined ? undefined : parsePath(under)
    const by = author === undefined ? this.me : parseAuthorId(author)
    const { lastUndoable } = await import('./last-undoable.js')
    const find = (): Promise<Event> => lastUndoable(by, path, { spaces: this.#spaces, log: this.#processor.log, state: this.#state })
    return await this.#processor.undo(find, key === undefined ? undefined : { key, again })
  }

  async reached(id: string, level: Level, options?: WaitOptions): Promise<void> {
    await (await this.#reaching.get()).reached(id, level, options)
  }

  async trace(id: string): Promise<Trace> {
    return await (await this.#inspection.get()).trace(id)
  }

  async events(query?: EventQuery): Promise<readonly EventSummary[]> {
    return await (await this.#inspection.get()).events(query)
  }

  networks(): Promise<readonly NetworkReport[]> {
    return Promise.resolve(this.#deliveries.reports())
  }

  subscribeNetworks(listener: (reports: readonly NetworkReport[]) => void): () => void {
    return this.#deliveries.subscribe(listener)
  }

  syncNetworks(options?: WaitOptions): Promise<void> {
    return this.#deliveries.sync(options)
  }

  configureNetworks(settings: NetworkSettings): Promise<void> {
    return this.#deliveries.configure(settings)
  }

  definePolicy(policy: RoutingPolicy): Promise<void> {
    return this.#deliveries.definePolicy(policy)
  }

  policy(): Promise<RoutingPolicy> {
    return Promise.resolve(this.#deliveries.policy)
  }

  async storage(): Promise<StorageReport> {
    const { store, storageFacts } = this.#parts
    return { ...(await storageFacts()), author: this.me, events: this.#processor.lastPosition, damaged: store.damaged() }
  }

  spaces(): Promise<readonly Space[]> {
    return Promise.resolve(this.#spaces.list())
  }

  async createSpace({ key, again = false, ...options }: CreateSpaceOptions & Keyed): Promise<Space> {
    const made = key === undefined || !again ? undefined : await this.#spaceOf(key)
    return made ?? (await this.#openSpace(await this.#spaces.create(options), key))
  }

  invite(space: string): Promise<string> {
    return this.#spaces.invite(space)
  }

  /** A space that was joined before is given again, so that a call that is sent again counts once without a key. */
  async joinSpace(invite: string, options: { readonly as?: string } = {}): Promise<Space> {
    return await this.#openSpace(await this.#spaces.join(invite, options.as))
  }

  async members(id: string): Promise<readonly Member[]> {
    const space = this.#spaces.get(id)
    const members: Member[] = []
    for await (const { path, value, updatedAt } of this.#state.statesUnder(parsePath(`${space.id}/${MEMBERS}`))) {
      const author = parseAuthorId(path.split('/')[2])
      members.push({ author, name: nameIn(value), founder: author === space.founder, joinedAt: updatedAt })
    }
    return members
  }

  async offer(service: string, page: AskSink): Promise<() => void> {
    return (await this.#pages()).offer(service, page)
  }

  async answer(answer: PageAnswer): Promise<void> {
    ;(await this.#pages()).answer(answer)
  }

  /** Finishes what is under way, then lets go of the store. */
  async close(): Promise<void> {
    this.#mending.stop()
    await this.#deliveries.stop()
    this.#waiters?.close()
    ;(await this.#live.made())?.close()
    await this.#processor.close()
    await this.#blocks.close()
    await this.#parts.store.close()
  }

  /** Loaded when someone first asks: an application that shows no traces never needs it. */
  async #makeInspection(): Promise<Inspection> {
    const { Inspection: Inspect } = await import('./inspection.js')
    return new Inspect({ processor: this.#processor, state: this.#state, deliveries: this.#deliveries.manager })
  }

  async #makeFiles(): Promise<FileService> {
    const { FileService: Files } = await import('./file-service.js')
    return new Files({
      ...{ ...this.#parts, processor: this.#processor, state: this.#state, spaces: this.#spaces, parse: this.#parse },
      keeper: () => this.#deliveries.keeper,
    })
  }

  async #makeLive(): Promise<LiveFeed> {
    const { LiveFeed: Feed } = await import('./live-feed.js')
    return new Feed({
      ...{ ...this.#parts, state: this.#state, intake: this.#processor, spaces: this.#spaces },
      networks: this.#deliveries.signals,
    })
  }

  /** As inspection: for who waits for a level. */
  async #makeReaching(): Promise<Reaching> {
    const [{ Reaching: Waiters }, { whyUnreachable }] = await Promise.all([import('./reaching.js'), import('./delivery/reachable.js')])
    this.#waiters = new Waiters({
      trace: (id) => this.trace(id),
      standingOf: (id) => this.#processor.standingOf(id),
      hopeless: whyUnreachable,
    })
    this.#processor.registerReceipts(this.#waiters)
    return this.#waiters
  }

  /** The space that a call of that name made in this life of the runtime or an earlier one. */
  async #spaceOf(key: string): Promise<Space | undefined> {
    const [id] = (await this.#processor.submitted(key)) ?? []
    const event = id === undefined ? undefined : await this.#processor.log.read(id)
    return event === undefined ? undefined : this.#spaces.get(event.spaceId)
  }

  async #openSpace(opening: SpaceOpening, key?: string): Promise<Space> {
    if (opening.first === undefined) return opening.space
    try {
      await this.#processor.accept([parseInput(opening.first)], { extra: opening.changes, ...(key === undefined ? {} : { key }) })
      return opening.space
    } catch (error) {
      opening.undo()
      throw error
    }
  }

  async #readTree(path: StatePath): Promise<StateAnswer> {
    const documents: Uint8Array[] = []
    for await (const piece of this.#state.snapshot(path)) documents.push(...piece.documents)
    return { kind: 'snapshot', documents, complete: true }
  }
}

function nameIn(value: Value | undefined): string {
  const name = isValueMap(value) ? value['name'] : undefined
  return typeof name === 'string' ? name : ''
}
