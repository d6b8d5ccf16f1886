import type { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { Cursor } from '../../model/cursor.js'
import type { StatePath } from '../../model/path.js'
import type { Receipt } from '../../model/receipt.js'
import type { State } from '../../model/state.js'
import type { Platform } from '../../platform/platform.js'
import type {
  Capabilities,
  NetworkFacts,
  NetworkProvider,
  NetworkStatus,
  ProviderContext,
  ProviderEvent,
  Quote,
  QuotedEvent,
  Update,
} from '../provider.js'
import type { DeviceParts } from '../provider-parts.js'
import { EXPECTED_CAPABILITIES } from '../served-requirements.js'
import type { NodeParts, SolanaNode } from './solana-node.js'
import { calledOff, notAsked, notConfigured, stopped, waitsForStorage } from './solana-errors.js'

/** Ways out of this device other than the platform's own, for tests. */
export type SolanaSeams = Pick<NodeParts, 'fetch' | 'socket'>

/** Consensus by a Solana cluster. Nothing but this door is loaded before a space or an event asks for consensus. */
export function createSolanaProvider(device: DeviceParts, seams: SolanaSeams = platformSeams()): NetworkProvider {
  return new SolanaProvider(device, seams)
}

interface Abortable {
  readonly signal?: AbortSignal
}

/** What a started provider was told. */
interface Life {
  readonly platform: Platform
  readonly settings: unknown
  node: Promise<SolanaNode> | undefined
  opened: SolanaNode | undefined
}

/** The base fee of a transaction, in lamports: https://solana.com/docs/core/fees */
const BASE_FEE = 5_000
/** Before anything was measured: milliseconds until a node has taken it. */
const EXPECTED_LATENCY = 1_200
const EXPECTED_SUCCESS = 0.98

class SolanaProvider implements NetworkProvider {
  readonly network = 'solana'
  readonly capabilities: Capabilities = EXPECTED_CAPABILITIES.solana
  readonly #device: DeviceParts
  readonly #seams: SolanaSeams
  readonly #listeners = new Set<(status: NetworkStatus) => void>()
  readonly #newsListeners = new Set<() => void>()
  #status: NetworkStatus = { state: 'not-connected', reason: stopped().message, since: 0 }
  #life: Life | undefined
  #undo: () => void = () => undefined

  constructor(device: DeviceParts, seams: SolanaSeams) {
    this.#device = device
    this.#seams = seams
  }

  async start({ platform, settings }: ProviderContext): Promise<void> {
    if (this.#life !== undefined) return
    if (settings === undefined) return this.#setStatus({ state: 'not-connected', reason: notConfigured().message, since: platform.now() })
    const life: Life = { platform, settings, node: undefined, opened: undefined }
    this.#life = life
    this.#undo = this.#device.spaces.onChange(() => this.#spacesChanged(life))
    if (!this.#isWanted()) return this.#setStatus({ state: 'connecting', reason: notAsked().message, since: platform.now() })
    await this.#open(life)
  }

  async stop(): Promise<void> {
    const life = this.#life
    if (life === undefined) return
    this.#life = undefined
    this.#undo()
    this.#setStatus({ state: 'not-connected', reason: stopped().message, since: life.platform.now() })
    await life.opened?.stop()
    // A node that could not be opened has said so, and there is nothing to stop.
    const node = await life.node?.catch(() => undefined)
    await node?.stop()
  }

  async submitEvent(event: ProviderEvent, options: Abortable = {}): Promise<Receipt> {
    const life = this.#started(options)
    const { maxEventBytes } = this.capabilities
    if (event.bytes.length > maxEventBytes) throw waitsForStorage(event.id, event.bytes.length, maxEventBytes)
    return await (await this.#open(life)).submit(event, options)
  }

  async readState(path: StatePath): Promise<State> {
    return await (await this.#open(this.#started())).readState(path)
  }

  async *syncUpdates(since: Cursor, options: Abortable = {}): AsyncIterable<Update> {
    // Without settings there is nothing to pull from, and nothing wrong.
    if (this.#life === undefined && this.#status.reason === notConfigured().message) return
    const life = this.#started(options)
    if (!this.#isWanted() && life.node === undefined) return
    yield* (await this.#open(life)).pull(since, options)
  }

  quote(_event: QuotedEvent): Quote {
    return { cost: BASE_FEE, latency: EXPECTED_LATENCY, success: EXPECTED_SUCCESS }
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

  #isWanted(): boolean {
    return this.#device.spaces.list().some(({ needs }) => needs.includes('consensus'))
  }

  #spacesChanged(life: Life): void {
    if (life !== this.#life || !this.#isWanted()) return
    const opening = life.opened === undefined ? this.#open(life) : life.opened.spacesChanged()
    // A failure to open is in the status; the next change, event or pull tries again.
    opening.catch(() => undefined)
  }

  /** @throws SpiceTimeError SETTINGS_MALFORMED; as the device's rows fail */
  #open(life: Life): Promise<SolanaNode> {
    life.node ??= this.#load(life).catch((error: unknown) => {
      life.node = undefined
      const reason = error instanceof Error ? error.message : String(error)
      if (life === this.#life) this.#setStatus({ state: 'not-connected', reason, since: life.platform.now() })
      throw error
    })
    return life.node
  }

  async #load(life: Life): Promise<SolanaNode> {
    const { platform } = life
    this.#setStatus({ state: 'connecting', reason: 'Solana is being contacted.', since: platform.now() })
    const [{ SolanaNode }, { parseSettings }] = await Promise.all([import('./solana-node.js'), import('./settings.js')])
    const isLive = (): boolean => life === this.#life
    const node = await SolanaNode.open({
      ...{ platform, device: this.#device, settings: parseSettings(life.settings), ...this.#seams },
      onStatus: (status) => isLive() && this.#setStatus(status),
      onNews: () => isLive() && this.#newsListeners.forEach((listener) => listener()),
    })
    life.opened = node
    await node.start()
    return node
  }

  /** @throws SpiceTimeError ABORTED, NETWORK_NOT_CONNECTED */
  #started({ signal }: Abortable = {}): Life {
    if (signal?.aborted === true) throw calledOff(signal.reason)
    if (this.#life === undefined) throw this.#notStarted()
    return this.#life
  }

  #notStarted(): SpiceTimeError {
    return this.#status.reason === notConfigured().message ? notConfigured() : stopped()
  }

  #setStatus(status: NetworkStatus): void {
    this.#status = status
    for (const listener of this.#listeners) listener(status)
  }
}

/** Node has a WebSocket from version 22 on; without one, polling alone brings what is new. */
function platformSeams(): SolanaSeams {
  return typeof WebSocket === 'undefined' ? {} : { socket: (url) => new WebSocket(url) }
}
