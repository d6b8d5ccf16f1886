import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { Receipt } from '../../model/receipt.js'
import type { Platform } from '../../platform/platform.js'
import type { ProviderEvent } from '../provider.js'
import type { DeviceParts, EventLists } from '../provider-parts.js'
import type { Payer } from './payer.js'
import type { Sender } from './sending.js'
import type { ParsedSettings } from './settings.js'
import type { SolanaRpc } from './solana-rpc.js'
import { WALLET_SERVICE } from './wallet-service.js'

export interface OwnTransactionsParts {
  readonly rpc: SolanaRpc
  readonly platform: Platform
  readonly settings: ParsedSettings
  readonly device: DeviceParts
  readonly lists: EventLists
  readonly genesis: () => string
  readonly onMoved: () => void
  readonly onTrouble: (failure: SpiceTimeError) => void
}

interface Sending {
  readonly sender: Sender
  readonly payer: Payer
  /** Signed transactions are for one chain. */
  readonly chain: string
}

/** What this device sends: its code, and the library that it needs, are loaded with the first event, or where a former life left some. */
export class OwnTransactions {
  readonly #parts: OwnTransactionsParts
  #sending: Promise<Sending> | undefined
  #current: Sending | undefined

  constructor(parts: OwnTransactionsParts) {
    this.#parts = parts
  }

  /** The account that pays; undefined as long as nothing was sent. */
  get payer(): string | undefined {
    return this.#current?.payer.address
  }

  get counts(): { readonly queued: number; readonly underWay: number } {
    return this.#current?.sender.counts ?? { queued: 0, underWay: 0 }
  }

  async submit(event: ProviderEvent, signal: AbortSignal | undefined): Promise<Receipt> {
    const { sender } = await this.#open()
    return await sender.submit(event, signal)
  }

  /** The chain that the device is on: what was signed for another one is let go, what was sent on it is taken up again. */
  async chainIs(chain: string): Promise<void> {
    if (this.#current !== undefined && this.#current.chain !== chain) await this.#letGo()
    const left = this.#current === undefined ? await this.#parts.device.rows.list('tx/') : []
    if (left.length > 0) await this.#resume()
  }

  /** Another page offers the wallet, or with another account: what is sent from now on is paid by that one. */
  async walletChanged(): Promise<void> {
    const { settings, device } = this.#parts
    if (settings.payer !== 'wallet' || this.#current === undefined) return
    const pages = await device.pages()
    if (!pages.offered(WALLET_SERVICE)) return
    const { loadWallet } = await import('./payer.js')
    const { address } = await loadWallet(pages)
    if (this.#current?.payer.address !== address) await this.#letGo()
  }

  look(): void {
    this.#current?.sender.look()
  }

  async stop(): Promise<void> {
    const sending = this.#sending
    this.#sending = undefined
    // One that could not be opened was told to who asked for it.
    const opened = await sending?.catch(() => undefined)
    await opened?.sender.stop()
  }

  async #letGo(): Promise<void> {
    const sender = this.#current?.sender
    this.#current = undefined
    this.#sending = undefined
    await sender?.stop()
  }

  /** Without its wallet a device reads on; what it had sent is taken up once a page offers the wallet. */
  async #resume(): Promise<void> {
    try {
      await (await this.#open()).sender.resume()
    } catch (error) {
      if (!isSpiceTimeError(error, 'PAGE_NEEDED')) throw error
    }
  }

  #open(): Promise<Sending> {
    this.#sending ??= this.#load().catch((error: unknown) => {
      this.#sending = undefined
      throw error
    })
    return this.#sending
  }

  async #load(): Promise<Sending> {
    const { rpc, platform, settings, device, genesis, onMoved, onTrouble } = this.#parts
    const [{ Sender }, { SentRows }, { TransactionBuilder }, { loadBurner, loadWallet }] = await Promise.all([
      import('./sending.js'),
      import('./sent-rows.js'),
      import('./transaction-builder.js'),
      import('./payer.js'),
    ])
    const chain = genesis()
    const payer = settings.payer === 'wallet' ? await loadWallet(await device.pages()) : await loadBurner(device.keys)
    const builder = new TransactionBuilder({ rpc, platform, payer, settings })
    const rows = new SentRows(device.rows)
    const sender = new Sender({
      rpc,
      platform,
      rows,
      spaces: device.spaces,
      lists: this.#parts.lists,
      builder,
      genesis: () => chain,
      onMoved,
      onTrouble,
    })
    this.#current = { sender, payer, chain }
    return this.#current
  }
}
