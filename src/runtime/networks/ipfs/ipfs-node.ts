import { START_CURSOR } from '../../model/cursor.js'
import type { Cursor } from '../../model/cursor.js'
import type { StatePath } from '../../model/path.js'
import type { EventId } from '../../model/event.js'
import type { Level } from '../../model/network.js'
import type { Receipt } from '../../model/receipt.js'
import type { State } from '../../model/state.js'
import type { Platform } from '../../platform/platform.js'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { BlockStore } from '../../storage/block-store.js'
import type { NetworkNode, NodeContext } from '../lazy-provider.js'
import type { NetworkFacts, NetworkStatus, ProviderEvent, Update } from '../provider.js'
import type { DeviceParts } from '../provider-parts.js'
import { stateToldBy } from '../told-state.js'
import { Availability } from './availability.js'
import { BlockSources } from './block-sources.js'
import type { BlockSource } from './block-sources.js'
import { Collector } from './collector.js'
import { parseCid } from './content-id.js'
import type { Discovery } from './discovery.js'
import { EventWriter } from './event-writer.js'
import { gatewaySource } from './gateway.js'
import { HeliaNode } from './helia-node.js'
import { IpfsContent } from './ipfs-content.js'
import { calledOff } from './ipfs-errors.js'
import { cursorAt, Journal, positionOf } from './journal.js'
import type { JournalEntry } from './journal.js'
import { KeptContents } from './kept-content.js'
import type { PinService } from './pin-service.js'
import type { Peers } from './peers.js'
import type { ParsedSettings } from './settings.js'

export interface IpfsNodeParts extends NodeContext {
  readonly platform: Platform
  readonly device: DeviceParts
  readonly settings: ParsedSettings
  readonly fetch: typeof fetch
  /** Those of the settings. */
  readonly pinServices: readonly PinService[]
}

interface Opened {
  readonly store: BlockStore
  readonly helia: HeliaNode
  readonly sources: BlockSources
  readonly kept: KeptContents
  readonly journal: Journal
  readonly gateways: readonly BlockSource[]
}

/** Entries of one update. */
const PAGE = 256
/** Fetched bytes after which it is looked whether the cache holds too much: this part of it, at least so many. */
const CACHE_PART = 8
const LEAST_CACHE_STEP = 4 * 1024 * 1024

/** This device's storage: Helia over the device's blocks, and whoever the settings name. */
export class IpfsNode implements NetworkNode {
  readonly content: IpfsContent
  readonly #parts: IpfsNodeParts
  readonly #opened: Opened
  readonly #collector: Collector
  readonly #availability: Availability
  readonly #writer: EventWriter
  #discovery: Discovery | undefined
  #peers: Peers | undefined
  #collectedAt = 0
  #remark: string | undefined
  #status: NetworkStatus
  #stopped = false

  private constructor(parts: IpfsNodeParts, opened: Opened, peers: () => readonly BlockSource[]) {
    const { platform, device, settings, pinServices } = parts
    const { helia: node, kept, journal, store, gateways } = opened
    this.#parts = parts
    this.#opened = opened
    this.#status = { state: 'connecting', since: platform.now() }
    this.#collector = new Collector({ platform, node, store, rows: device.rows, kept, cacheBytes: settings.cacheBytes })
    this.#availability = new Availability({
      ...{ platform, node, kept, journal, pins: pinServices, pinsForFinal: settings.pinsForFinal },
      sources: () => [...peers(), ...gateways],
      onMoved: parts.onNews,
      onRemark: (remark) => this.#note(remark),
    })
    this.#writer = new EventWriter({ platform, node, rows: device.rows, kept, journal, onWritten: () => this.#availability.wake() })
    const isShared = settings.peers.length + pinServices.length > 0
    this.content = new IpfsContent({ platform, node, kept, collector: this.#collector, availability: this.#availability, isShared })
  }

  /** @throws SpiceTimeError as the device's blocks can't be opened */
  static async open(parts: IpfsNodeParts): Promise<IpfsNode> {
    const { platform, device, settings } = parts
    const gateways = settings.gateways.map((url) => gatewaySource(url, parts.fetch))
    const live: { node?: IpfsNode } = {}
    const peers = (): readonly BlockSource[] => (live.node === undefined || live.node.#peers === undefined ? [] : [live.node.#peers])
    const sources = new BlockSources({
      ...{ platform, deadline: settings.fetchDeadline },
      ranks: () => [peers(), gateways],
      onFetched: () => {
        if (live.node !== undefined) live.node.#fetched()
      },
    })
    const store = await device.blocks()
    const helia = await HeliaNode.open(store, {
      sources,
      announce: async (cid) => {
        if (live.node !== undefined) await live.node.#peers?.announce(cid)
      },
    })
    const journal = await Journal.open(device.rows)
    const node = new IpfsNode(parts, { store, helia, sources, journal, gateways, kept: new KeptContents(device.rows) }, peers)
    live.node = node
    return node
  }

  async start(): Promise<void> {
    const { settings, platform, pinServices } = this.#parts
    await this.#collector.resume()
    if (pinServices.length > 0) await this.#openDiscovery()
    if (settings.peers.length > 0) {
      const { Peers: Opening } = await import('./peers.js')
      const { helia } = this.#opened.helia
      this.#peers = await Opening.open({ platform, helia, addresses: settings.peers, onChange: () => this.#peersChanged() })
      if (this.#stopped) await this.#peers.stop()
    }
    this.#tell()
    this.#availability.wake()
  }

  async #openDiscovery(): Promise<void> {
    const { Discovery: Opening } = await import('./pin-services.js')
    const { device, pinServices } = this.#parts
    const { helia: node, kept, journal } = this.#opened
    const onTaken = (root: string): Promise<void> => this.#collector.used(root)
    this.#discovery = new Opening({ node, rows: device.rows, kept, journal, pins: pinServices, onTaken })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all([this.#availability.stop(), this.#writer.stop()])
    await this.#peers?.stop()
    await this.#opened.helia.close()
  }

  submit(event: ProviderEvent, { signal }: { readonly signal?: AbortSignal }): Promise<Receipt> {
    return this.#writer.submit(event, signal)
  }

  async *pull(since: Cursor, { signal }: { readonly signal?: AbortSignal }): AsyncIterable<Update> {
    if (signal?.aborted === true) throw calledOff(signal.reason)
    const spaces = this.#parts.device.spaces.list().filter(({ needs }) => needs.includes('storage'))
    for (const { reference } of spaces) await this.#discovery?.look(reference, signal)
    yield* this.#told(positionOf(since), signal)
  }

  readState(path: StatePath): Promise<State> {
    return stateToldBy('ipfs', path, this.pull(START_CURSOR, {}))
  }

  facts(): NetworkFacts {
    const { sources, journal } = this.#opened
    const { use } = this.#collector
    const { settings } = this.#parts
    return {
      'blocks fetched': sources.counts.blocks,
      'bytes fetched': sources.counts.bytes,
      'journal entries': journal.length,
      ...(settings.peers.length === 0 ? {} : { 'peers connected': `${this.#peers?.connected ?? 0} of ${settings.peers.length}` }),
      ...(use === undefined ? {} : { 'bytes stored': use.bytes, 'blocks stored': use.blocks }),
      ...(this.#discovery === undefined || this.#discovery.ignored === 0
        ? {}
        : { 'pins that are no lists of events': this.#discovery.ignored }),
    }
  }

  spacesChanged(): Promise<void> {
    this.#parts.onNews()
    return Promise.resolve()
  }

  /** The journal from a place on: events one after the other with the level that they have now, levels in between. */
  async *#told(from: number, signal: AbortSignal | undefined): AsyncGenerator<Update> {
    let page: { events: Uint8Array[]; receipts: Receipt[] } = { events: [], receipts: [] }
    let at = from
    for await (const { position, entry } of this.#opened.journal.from(from)) {
      if (signal?.aborted === true) throw calledOff(signal.reason)
      if (entry.kind === 'level' && entry.lowered) {
        // Receipts of one update come before what it takes back.
        yield { ...page, retracted: entry.events, cursor: cursorAt(position) }
        page = { events: [], receipts: [] }
      }
      await this.#tellOf(entry, page, signal)
      at = position + 1
      if (page.receipts.length < PAGE) continue
      yield { ...page, retracted: [], cursor: cursorAt(at) }
      page = { events: [], receipts: [] }
    }
    if (page.receipts.length > 0) yield { ...page, retracted: [], cursor: cursorAt(at) }
  }

  async #tellOf(
    entry: JournalEntry,
    page: { readonly events: Uint8Array[]; readonly receipts: Receipt[] },
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (entry.kind === 'level') {
      page.receipts.push(...entry.events.map((event) => this.#receipt(event, entry.level)))
      return
    }
    const bytes = await this.#eventBytes(entry.event, signal)
    if (bytes === undefined) return
    page.events.push(bytes)
    page.receipts.push(this.#receipt(entry.event, (await this.#writer.levelOf(entry.event)) ?? entry.level))
  }

  /** Undefined when nobody has it any more: others may have let go of what this device took in long ago. */
  async #eventBytes(event: EventId, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    try {
      return await this.#opened.helia.load(parseCid(event), signal)
    } catch (error) {
      if (isSpiceTimeError(error, 'CONTENT_NOT_FOUND')) return undefined
      throw error
    }
  }

  #receipt(event: EventId, level: Level): Receipt {
    return { event, network: 'ipfs', level, reference: event, cost: 0, at: this.#parts.platform.now(), latency: 0 }
  }

  /** Looks after the cache once enough has come. */
  #fetched(): void {
    const { counts } = this.#opened.sources
    const step = Math.max(LEAST_CACHE_STEP, this.#parts.settings.cacheBytes / CACHE_PART)
    if (counts.bytes - this.#collectedAt < step) return
    this.#collectedAt = counts.bytes
    this.#collector.collect().catch((error: unknown) => this.#note(error instanceof Error ? error.message : String(error)))
  }

  #peersChanged(): void {
    this.#tell()
    if ((this.#peers?.connected ?? 0) > 0) this.#availability.wake()
  }

  #note(remark: string | undefined): void {
    this.#remark = remark
    this.#tell()
  }

  /** The device's own blocks are always there: what is away is said, and keeps nothing from being stored. */
  #tell(): void {
    const { onStatus, platform } = this.#parts
    const away = this.#peers?.away ?? []
    const reason = [
      ...(away.length === 0 ? [] : [`Peers are away: ${away.join('; ')}.`]),
      ...(this.#remark === undefined ? [] : [this.#remark]),
    ].join(' ')
    if (this.#stopped || (this.#status.state === 'connected' && (this.#status.reason ?? '') === reason)) return
    this.#status = { state: 'connected', since: platform.now(), ...(reason === '' ? {} : { reason }) }
    onStatus(this.#status)
  }
}
