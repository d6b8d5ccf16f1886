import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import { START_CURSOR } from '../../model/cursor.js'
import type { Cursor } from '../../model/cursor.js'
import type { StatePath } from '../../model/path.js'
import type { Receipt } from '../../model/receipt.js'
import type { State } from '../../model/state.js'
import type { Platform } from '../../platform/platform.js'
import type { NetworkFacts, NetworkStatus, ProviderEvent, Update } from '../provider.js'
import type { DeviceParts, EventLists, NetworkRows, NetworkSpace } from '../provider-parts.js'
import { Health } from '../health.js'
import { stateToldBy } from '../told-state.js'
import { toBase58 } from './base58.js'
import { ChainIdentity } from './chain-identity.js'
import { AnchoredLists } from './anchored-lists.js'
import { ahead } from './ahead.js'
import { factsOf } from './facts.js'
import { Reading } from './reading.js'
import { referenceKey } from './reference-key.js'
import { genesisHash } from './rpc-requests.js'
import { SolanaRpc } from './solana-rpc.js'
import type { ParsedSettings } from './settings.js'
import { Subscriptions } from './subscriptions.js'
import type { OpenSocket } from './subscriptions.js'
import { OwnTransactions } from './own-transactions.js'
import type { WalletWatch } from './wallet-watch.js'

export interface NodeParts {
  readonly platform: Platform
  readonly device: DeviceParts
  readonly settings: ParsedSettings
  readonly onStatus: (status: NetworkStatus) => void
  readonly onNews: () => void
  /** Default: the platform's own. */
  readonly fetch?: typeof fetch
  readonly socket?: OpenSocket
}

interface Abortable {
  readonly signal?: AbortSignal
}

/** For a look that leaves no trace. */
const NO_ROWS: NetworkRows = { get: () => Promise.resolve(undefined), list: () => Promise.resolve([]), write: () => Promise.resolve() }
/** Until what is not final yet is looked at again. */
const FOLLOW_UP = 2_000

/** This device's connection to a Solana cluster: loaded and opened once something asks for consensus. */
export class SolanaNode {
  readonly #parts: NodeParts
  readonly #identity: ChainIdentity
  readonly #rpc: SolanaRpc
  readonly #health: Health
  readonly #reading: Reading
  readonly #lists: AnchoredLists
  readonly #own: OwnTransactions
  readonly #subscriptions: Subscriptions
  /** Where a wallet pays. */
  #wallet: WalletWatch | undefined
  #exchanged: Error | undefined
  #cancelFollowUp: (() => void) | undefined
  #facts: NetworkFacts = {}
  #stopped = false

  private constructor(parts: NodeParts, { identity, lists }: { readonly identity: ChainIdentity; readonly lists: EventLists }) {
    const { platform, settings, device, onNews } = parts
    this.#parts = parts
    this.#identity = identity
    const rpc = new SolanaRpc({
      endpoints: settings.endpoints,
      platform,
      accept: (genesis) => identity.accept(genesis),
      ...(parts.fetch === undefined ? {} : { fetch: parts.fetch }),
    })
    this.#rpc = rpc
    this.#health = new Health({ name: 'Solana', platform, probe: () => this.#probe(), onStatus: parts.onStatus })
    this.#lists = new AnchoredLists({ lists, platform, onNews })
    this.#reading = new Reading({ rpc, rows: device.rows, platform, lists: this.#lists, spaces: () => this.#spaces() })
    this.#own = new OwnTransactions({
      ...{ rpc, platform, settings, device, lists },
      genesis: () => identity.genesis ?? '',
      onMoved: onNews,
      onTrouble: (failure) => this.#failed(failure),
    })
    this.#subscriptions = new Subscriptions({
      ...{ url: settings.websocket, platform, open: parts.socket },
      onHint: () => {
        this.#own.look()
        onNews()
      },
    })
  }

  /** @throws SpiceTimeError as the rows fail */
  static async open(parts: NodeParts): Promise<SolanaNode> {
    const [identity, lists] = await Promise.all([ChainIdentity.load(parts.device.rows, parts.settings), parts.device.lists()])
    return new SolanaNode(parts, { identity, lists })
  }

  async #watchWallet(): Promise<void> {
    const { WalletWatch: Watch } = await import('./wallet-watch.js')
    const { device, onNews } = this.#parts
    this.#wallet = new Watch({
      device,
      onWaiting: (reason) => this.#health.note(reason),
      onChange: () => {
        // Should the wallet not say who it is, the next event hears of it.
        this.#own.walletChanged().then(onNews, onNews)
      },
    })
    await this.#wallet.watch()
  }

  /** Contacts the cluster; whether that went well, the status tells. */
  async start(): Promise<void> {
    if (this.#parts.settings.payer === 'wallet') await this.#watchWallet()
    await this.#health.look()
    if (!this.#stopped) await this.spacesChanged()
  }

  get status(): NetworkStatus {
    return this.#health.status
  }

  get contacts(): number {
    return this.#rpc.contacts
  }

  facts(): NetworkFacts {
    return { ...this.#facts, subscriptions: this.#subscriptions.state }
  }

  /** Another space asks for consensus. */
  async spacesChanged(): Promise<void> {
    const keys = await Promise.all(this.#spaces().map(({ secret }) => referenceKey(secret)))
    if (!this.#stopped) this.#subscriptions.watch(keys.map(toBase58))
  }

  /** @throws SpiceTimeError as Sender.submit */
  async submit(event: ProviderEvent, { signal }: Abortable): Promise<Receipt> {
    if (this.#exchanged !== undefined) throw this.#exchanged
    const since = this.#wallet?.changes ?? 0
    try {
      const receipt = await this.#own.submit(event, signal)
      // How far it got is for the reading to say: what it told, it can take back.
      return receipt.level === 'final' ? receipt : { ...receipt, level: 'sent' }
    } catch (error) {
      this.#failed(error)
      if (!isSpiceTimeError(error, 'PAGE_NEEDED')) throw error
      if (this.#wallet === undefined) throw error
      await this.#wallet.offeredAgain(since, error, signal)
      return await this.submit(event, signal === undefined ? {} : { signal })
    }
  }

  /** @throws SpiceTimeError as Reading.pull */
  async *pull(since: Cursor, options: Abortable): AsyncIterableIterator<Update> {
    try {
      await this.#rpc.call(genesisHash(), { ...options, sameChain: true })
      const chain = this.#identity.genesis ?? ''
      await this.#identity.saved()
      await this.#own.chainIs(chain)
      yield* ahead(this.#reading.pull(since, chain, options))
    } catch (error) {
      if (!isSpiceTimeError(error, 'NETWORK_EXCHANGED')) {
        this.#failed(error)
        throw error
      }
      this.#exchanged = error
      // Away first, so that nothing which is offered again goes out.
      this.#health.failed(error)
      if (since === START_CURSOR) throw error
      yield { events: [], receipts: [], retracted: [], reset: true, cursor: START_CURSOR }
      return
    }
    this.#health.succeeded()
    await this.#note(options)
  }

  /** @throws SpiceTimeError as Reading.pull */
  async readState(path: StatePath): Promise<State> {
    const { platform } = this.#parts
    const reading = new Reading({ rpc: this.#rpc, rows: NO_ROWS, platform, lists: this.#lists, spaces: () => this.#spaces() })
    await this.#rpc.call(genesisHash())
    return await stateToldBy('solana', path, reading.pull(START_CURSOR, this.#identity.genesis ?? ''))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelFollowUp?.()
    this.#wallet?.stop()
    this.#lists.stop()
    this.#health.stop()
    this.#subscriptions.stop()
    this.#rpc.close()
    await this.#own.stop()
  }

  #spaces(): readonly NetworkSpace[] {
    return this.#parts.device.spaces.list().filter(({ needs }) => needs.includes('consensus'))
  }

  async #probe(): Promise<void> {
    try {
      await this.#rpc.call(genesisHash(), { sameChain: true })
    } catch (error) {
      // A first notice goes to a pull, which alone can take back what the other chain gave.
      if (isSpiceTimeError(error, 'NETWORK_EXCHANGED') && this.#exchanged === undefined) {
        this.#exchanged = error
        return
      }
      throw error
    }
    this.#exchanged = undefined
    await this.#identity.saved()
  }

  #failed(error: unknown): void {
    if (this.#stopped) return
    if (!isSpiceTimeError(error, 'NETWORK_EXCHANGED')) return this.#health.failed(error)
    if (this.#exchanged !== undefined) return
    this.#exchanged = error
    this.#parts.onNews()
  }

  /** After a pull: what a person may ask next, and when to look again. */
  async #note(options: Abortable): Promise<void> {
    const { platform, onNews, settings } = this.#parts
    const { unsettled, missingLists } = this.#reading
    const later = Math.min(unsettled > 0 ? FOLLOW_UP : Infinity, (missingLists > 0 ? this.#lists.nextTry : undefined) ?? Infinity)
    this.#cancelFollowUp?.()
    this.#cancelFollowUp = later < Infinity && !this.#stopped ? platform.after(later, onNews) : undefined
    const ignored = await this.#reading.ignored()
    const genesis = this.#identity.genesis ?? ''
    try {
      this.#facts = await factsOf({
        rpc: this.#rpc,
        settings,
        genesis,
        own: this.#own,
        unsettled,
        ignored,
        missingLists,
        trouble: this.#lists.trouble,
        ...options,
      })
    } catch (error) {
      // What the pull brought stands all the same.
      this.#failed(error)
    }
  }
}
