import { parseEventId } from '../../codec/event-id.js'
import { START_CURSOR } from '../../model/cursor.js'
import type { Cursor } from '../../model/cursor.js'
import type { StatePath } from '../../model/path.js'
import type { Receipt } from '../../model/receipt.js'
import type { State } from '../../model/state.js'
import type { Platform } from '../../platform/platform.js'
import type { NetworkNode, NodeContext } from '../lazy-provider.js'
import type { NetworkFacts, NetworkStatus, ProviderEvent, Update } from '../provider.js'
import type { DeviceParts } from '../provider-parts.js'
import { stateToldBy } from '../told-state.js'
import { BlockSources } from './block-sources.js'
import { gatewaySource } from './gateway.js'
import { HeliaNode } from './helia-node.js'
import { IpfsContent } from './ipfs-content.js'
import { calledOff } from './ipfs-errors.js'
import { KeptContents } from './kept-content.js'
import type { ParsedSettings } from './settings.js'

export interface IpfsNodeParts extends NodeContext {
  readonly platform: Platform
  readonly device: DeviceParts
  readonly settings: ParsedSettings
  readonly fetch: typeof fetch
}

/** This device's storage: Helia over the device's blocks, and whoever the settings name. */
export class IpfsNode implements NetworkNode {
  readonly content: IpfsContent
  readonly #parts: IpfsNodeParts
  readonly #helia: HeliaNode
  readonly #sources: BlockSources

  private constructor(
    parts: IpfsNodeParts,
    inner: { readonly helia: HeliaNode; readonly kept: KeptContents; readonly sources: BlockSources },
  ) {
    this.#parts = parts
    this.#helia = inner.helia
    this.#sources = inner.sources
    this.content = new IpfsContent({ platform: parts.platform, node: inner.helia, kept: inner.kept })
  }

  /** @throws SpiceTimeError as the device's blocks can't be opened */
  static async open(parts: IpfsNodeParts): Promise<IpfsNode> {
    const { platform, device, settings } = parts
    const gateways = settings.gateways.map((url) => gatewaySource(url, parts.fetch))
    const sources = new BlockSources({ platform, deadline: settings.fetchDeadline, ranks: () => [gateways] })
    const helia = await HeliaNode.open(await device.blocks(), sources)
    return new IpfsNode(parts, { helia, sources, kept: new KeptContents(device.rows) })
  }

  start(): Promise<void> {
    const status: NetworkStatus = { state: 'connected', since: this.#parts.platform.now() }
    this.#parts.onStatus(status)
    return Promise.resolve()
  }

  stop(): Promise<void> {
    return this.#helia.close()
  }

  async submit(event: ProviderEvent, { signal }: { readonly signal?: AbortSignal }): Promise<Receipt> {
    const { platform } = this.#parts
    const since = platform.monotonic()
    const space = this.#parts.device.spaces.list().find(({ reference }) => reference === event.space)?.reference
    const cid = await this.content.putBlock(new Uint8Array(event.bytes), { space, signal })
    return {
      event: parseEventId(cid),
      network: 'ipfs',
      level: 'sent',
      reference: cid,
      cost: 0,
      at: platform.now(),
      latency: platform.monotonic() - since,
    }
  }

  async *pull(since: Cursor, { signal }: { readonly signal?: AbortSignal }): AsyncIterable<Update> {
    if (signal?.aborted === true) throw calledOff(signal.reason)
    yield { events: [], receipts: [], retracted: [], cursor: since }
  }

  readState(path: StatePath): Promise<State> {
    return stateToldBy('ipfs', path, this.pull(START_CURSOR, {}))
  }

  facts(): NetworkFacts {
    return { 'blocks fetched': this.#sources.counts.blocks, 'bytes fetched': this.#sources.counts.bytes }
  }

  spacesChanged(): Promise<void> {
    return Promise.resolve()
  }
}
