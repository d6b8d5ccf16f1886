import type { SpiceTimeError } from '../errors/spice-time-error.js'
import type { Cursor } from '../model/cursor.js'
import type { Network, Requirement } from '../model/network.js'
import type { SpaceReference } from '../model/event.js'
import type { StatePath } from '../model/path.js'
import type { Receipt } from '../model/receipt.js'
import type { State } from '../model/state.js'
import type { Platform } from '../platform/platform.js'
import type {
  Capabilities,
  NetworkFacts,
  NetworkProvider,
  ProviderSignals,
  ProviderSnapshots,
  NetworkStatus,
  ProviderContext,
  ProviderEvent,
  Quote,
  QuotedEvent,
  Update,
} from './provider.js'
import type { ContentAvailability, ProviderContent, StoredContent } from './content.js'
import type { NetworkSpaces } from './provider-parts.js'

interface Abortable {
  readonly signal?: AbortSignal
}

/** A network's own code, once it is loaded. */
export interface NetworkNode {
  /** Contacts the network; whether that went well, the status tells. */
  start(): Promise<void>
  stop(): Promise<void>
  submit(event: ProviderEvent, options: Abortable): Promise<Receipt>
  pull(since: Cursor, options: Abortable): AsyncIterable<Update>
  readState(path: StatePath): Promise<State>
  facts(): NetworkFacts
  /** Of networks that reach members who are online. */
  send?(space: SpaceReference, message: Uint8Array): Promise<void>
  /** Of networks that keep snapshots; see ProviderSnapshots. */
  readonly snapshots?: NodeSnapshots
  /** Another space asks for the network. */
  spacesChanged(): Promise<void>
  /** Of networks that keep content. */
  readonly content?: ProviderContent
}

export type NodeSnapshots = Omit<ProviderSnapshots, 'maxPartBytes' | 'maxParts'>

/** What a node gets of the provider that loads it. */
export interface NodeContext {
  readonly platform: Platform
  readonly settings: unknown
  readonly onStatus: (status: NetworkStatus) => void
  readonly onNews: () => void
  readonly onMessage: (space: SpaceReference, message: Uint8Array) => void
}

export interface LazyNetwork {
  readonly network: Network
  /** What it is called where a sentence begins. */
  readonly name: string
  readonly capabilities: Capabilities
  /** What spaces ask for that want it. */
  readonly requirement: Requirement
  readonly spaces: NetworkSpaces
  readonly quote: Quote
  /** Whether its nodes reach members who are online. */
  readonly signals?: true
  /** Whether its nodes keep content. */
  readonly content?: true
  /** Of networks that keep snapshots. */
  readonly snapshots?: Pick<ProviderSnapshots, 'maxPartBytes' | 'maxParts'>
  /** @throws SpiceTimeError SETTINGS_MALFORMED; as the device's rows fail */
  readonly load: (context: NodeContext) => Promise<NetworkNode>
  readonly errors: {
    readonly stopped: () => SpiceTimeError
    readonly notConfigured: () => SpiceTimeError
    readonly notAsked: () => SpiceTimeError
    readonly calledOff: (reason: unknown) => SpiceTimeError
    readonly tooLarge: (event: ProviderEvent, limit: number) => SpiceTimeError
  }
}

/** What a started provider was told. */
interface Life {
  readonly platform: Platform
  readonly settings: unknown
  node: Promise<NetworkNode> | undefined
  opened: NetworkNode | undefined
}

/** A network whose code is loaded, and which is contacted, only when a space or an event asks for it. */
export class LazyProvider implements NetworkProvider {
  readonly network: Network
  readonly capabilities: Capabilities
  readonly #parts: LazyNetwork
  readonly #listeners = new Set<(status: NetworkStatus) => void>()
  readonly #newsListeners = new Set<() => void>()
  readonly #messageListeners = new Set<(space: SpaceReference, message: Uint8Array) => void>()
  readonly signals?: ProviderSignals
  readonly content?: ProviderContent
  readonly snapshots?: ProviderSnapshots
  #status: NetworkStatus
  #life: Life | undefined
  #undo: () => void = () => undefined

  constructor(parts: LazyNetwork) {
    this.#parts = parts
    this.network = parts.network
    this.capabilities = parts.capabilities
    if (parts.signals === true) this.signals = this.#makeSignals()
    if (parts.content === true) this.content = this.#makeContent()
    if (parts.snapshots !== undefined) this.snapshots = this.#makeSnapshots(parts.snapshots)
    this.#status = { state: 'not-connected', reason: parts.errors.stopped().message, since: 0 }
  }

  async start({ platform, settings }: ProviderContext): Promise<void> {
    if (this.#life !== undefined) return
    if (settings === undefined)
      return this.#setStatus({ state: 'not-connected', reason: this.#parts.errors.notConfigured().message, since: platform.now() })
    const life: Life = { platform, settings, node: undefined, opened: undefined }
    this.#life = life
    this.#undo = this.#parts.spaces.onChange(() => this.#spacesChanged(life))
    if (!this.#isWanted())
      return this.#setStatus({ state: 'connecting', reason: this.#parts.errors.notAsked().message, since: platform.now() })
    await this.#open(life)
  }

  async stop(): Promise<void> {
    const life = this.#life
    if (life === undefined) return
    this.#life = undefined
    this.#undo()
    this.#setStatus({ state: 'not-connected', reason: this.#parts.errors.stopped().message, since: life.platform.now() })
    await life.opened?.stop()
    // A node that could not be opened has said so, and there is nothing to stop.
    const node = await life.node?.catch(() => undefined)
    await node?.stop()
  }

  async submitEvent(event: ProviderEvent, options: Abortable = {}): Promise<Receipt> {
    const life = this.#started(options)
    const { maxEventBytes } = this.capabilities
    if (event.bytes.length > maxEventBytes) throw this.#parts.errors.tooLarge(event, maxEventBytes)
    return await (await this.#open(life)).submit(event, options)
  }

  async readState(path: StatePath): Promise<State> {
    return await (await this.#open(this.#started())).readState(path)
  }

  async *syncUpdates(since: Cursor, options: Abortable = {}): AsyncIterable<Update> {
    // Without settings there is nothing to pull from, and nothing wrong.
    if (this.#life === undefined && this.#status.reason === this.#parts.errors.notConfigured().message) return
    const life = this.#started(options)
    if (!this.#isWanted() && life.node === undefined) return
    yield* (await this.#open(life)).pull(since, options)
  }

  quote(_event: QuotedEvent): Quote {
    return this.#parts.quote
  }

  status(): NetworkStatus {
    return this.#status
  }

  onStatus(listener: (status: NetworkStatus) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  onNews(listener: () => void): () => void {
    this.#newsListeners.add(listener)
    return () => this.#newsListeners.delete(listener)
  }

  facts(): NetworkFacts {
    return this.#life?.opened?.facts() ?? {}
  }

  #makeSignals(): ProviderSignals {
    return {
      send: async (space, message) => {
        const node = await this.#open(this.#started())
        await node.send?.(space, message)
      },
      onMessage: (listener) => {
        this.#messageListeners.add(listener)
        return () => this.#messageListeners.delete(listener)
      },
    }
  }

  #makeContent(): ProviderContent {
    const content = async (signal?: AbortSignal): Promise<ProviderContent> => {
      const node = await this.#open(this.#started(signal === undefined ? {} : { signal }))
      if (node.content === undefined) throw new TypeError(`the node of ${this.network} keeps no content`)
      return node.content
    }
    return {
      add: async (bytes, options): Promise<StoredContent> => (await content(options.signal)).add(bytes, options),
      async *read(cid, options) {
        yield* (await content(options.signal)).read(cid, options)
      },
      putBlock: async (bytes, options): Promise<string> => (await content(options.signal)).putBlock(bytes, options),
      getBlock: async (cid, options) => (await content(options.signal)).getBlock(cid, options),
      availability: async (cid): Promise<ContentAvailability> => (await content()).availability(cid),
      discard: async (cid): Promise<void> => (await content()).discard(cid),
      reaches: (): boolean => {
        const life = this.#life
        // A failure to open is in the status.
        if (life !== undefined && life.opened === undefined) this.#open(life).catch(() => undefined)
        return life?.opened?.content?.reaches() ?? false
      },
    }
  }

  #makeSnapshots(limits: Pick<ProviderSnapshots, 'maxPartBytes' | 'maxParts'>): ProviderSnapshots {
    const node = async (): Promise<NodeSnapshots> => {
      const { snapshots } = await this.#open(this.#started())
      if (snapshots === undefined) throw this.#parts.errors.notAsked()
      return snapshots
    }
    return {
      ...limits,
      publish: async (...asked) => (await node()).publish(...asked),
      offers: async (space) => (this.#isWanted() ? (await node()).offers(space) : { every: 0, newest: [] }),
      read: async (...asked) => (await node()).read(...asked),
      markOf: async (...asked) => (await node()).markOf(...asked),
      cursorAfter: async (...asked) => (await node()).cursorAfter(...asked),
    }
  }

  #isWanted(): boolean {
    return this.#parts.spaces.list().some(({ needs }) => needs.includes(this.#parts.requirement))
  }

  #spacesChanged(life: Life): void {
    if (life !== this.#life || !this.#isWanted()) return
    const opening = life.opened === undefined ? this.#open(life) : life.opened.spacesChanged()
    // A failure to open is in the status; the next change, event or pull tries again.
    opening.catch(() => undefined)
  }

  /** @throws SpiceTimeError SETTINGS_MALFORMED; as the device's rows fail */
  #open(life: Life): Promise<NetworkNode> {
    life.node ??= this.#load(life).catch((error: unknown) => {
      life.node = undefined
      const reason = error instanceof Error ? error.message : String(error)
      if (life === this.#life) this.#setStatus({ state: 'not-connected', reason, since: life.platform.now() })
      throw error
    })
    return life.node
  }

  async #load(life: Life): Promise<NetworkNode> {
    const { platform } = life
    this.#setStatus({ state: 'connecting', reason: `${this.#parts.name} is being contacted.`, since: platform.now() })
    const isLive = (): boolean => life === this.#life
    const node = await this.#parts.load({
      ...{ platform, settings: life.settings },
      onStatus: (status) => isLive() && this.#setStatus(status),
      onNews: () => isLive() && this.#newsListeners.forEach((listener) => listener()),
      onMessage: (space, message) => isLive() && this.#messageListeners.forEach((listener) => listener(space, message)),
    })
    life.opened = node
    await node.start()
    return node
  }

  /** @throws SpiceTimeError ABORTED, NETWORK_NOT_CONNECTED */
  #started({ signal }: Abortable = {}): Life {
    if (signal?.aborted === true) throw this.#parts.errors.calledOff(signal.reason)
    if (this.#life === undefined) throw this.#notStarted()
    return this.#life
  }

  #notStarted(): SpiceTimeError {
    return this.#status.reason === this.#parts.errors.notConfigured().message
      ? this.#parts.errors.notConfigured()
      : this.#parts.errors.stopped()
  }

  #setStatus(status: NetworkStatus): void {
    this.#status = status
    for (const listener of this.#listeners) listener(status)
  }
}
