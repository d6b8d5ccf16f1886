import { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import { holdDirectory } from '../held-directory.js'
import { beginChain, continueChain, newGenesis, openChain } from './block-log.js'
import type { BlockLog } from './block-log.js'
import { Chain } from './chain/chain.js'
import type { Genesis } from './chain/chain.js'
import { Machine, loadNative } from './chain/machine.js'
import { Subscriptions } from './rpc/subscriptions.js'
import { NO_FAULTS } from './switches.js'
import type { Switches } from './switches.js'

export interface NodeOptions {
  readonly directory: string | undefined
  readonly slotMilliseconds: number
  readonly finalityDepth: number
  readonly confirmationDepth: number
  readonly manual: boolean
}

type Native = Awaited<ReturnType<typeof loadNative>>

/** The node behind the servers: its chain, its clock, its faults. */
export class DevnetNode {
  readonly #native: Native
  readonly #options: NodeOptions
  #switches: Switches = NO_FAULTS
  #chain: Chain
  #subscriptions: Subscriptions
  #log: BlockLog | undefined
  #path: string | undefined
  #release: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  private constructor(native: Native, options: NodeOptions) {
    this.#native = native
    this.#options = options
    if (options.directory === undefined) {
      this.#chain = this.#begin(newGenesis())
    } else {
      this.#release = holdDirectory({ directory: options.directory, holder: 'solana-process', what: 'Solana devnet' })
      const stored = openChain(options.directory)
      this.#path = stored.path
      this.#chain = this.#begin(stored.genesis)
      this.#log = continueChain(this.#chain, stored)
    }
    this.#subscriptions = new Subscriptions(this.#chain)
    if (!options.manual) this.#tick()
  }

  /** @throws SpiceTimeError DEVNET_FAILED without litesvm's native module, or where the directory's chain can't be read */
  static async start(options: NodeOptions): Promise<DevnetNode> {
    return new DevnetNode(await loadNative(), options)
  }

  get chain(): Chain {
    return this.#chain
  }

  get subscriptions(): Subscriptions {
    return this.#subscriptions
  }

  get switches(): Switches {
    return this.#switches
  }

  set(switches: Partial<Switches>): void {
    this.#switches = { ...this.#switches, ...switches }
  }

  /** One request has met a fault that is limited to some. */
  readonly spend = (fault: 'drop' | 'rateLimit'): void => {
    const { requests } = this.#switches[fault]
    if (requests !== 'all') this.#switches = { ...this.#switches, [fault]: { ...this.#switches[fault], requests: requests - 1 } }
  }

  /** Waits for the slots, or makes them. @throws SpiceTimeError DEVNET_FAILED when it ends before */
  async step(slots: number): Promise<void> {
    const chain = this.#chain
    const wanted = chain.newestSlot + slots
    while (this.#options.manual && chain.newestSlot < wanted) chain.produce()
    while (chain.newestSlot < wanted) {
      if (this.#closed || chain !== this.#chain)
        throw new SpiceTimeError('DEVNET_FAILED', 'The Solana devnet ended or was exchanged meanwhile.')
      await new Promise((resolve) => setTimeout(resolve, Math.min(this.#options.slotMilliseconds, 20)))
    }
  }

  /** Another chain in the place of this one. */
  exchange(): void {
    const genesis = newGenesis()
    this.#log?.close()
    this.#chain = this.#begin(genesis)
    if (this.#path !== undefined) {
      beginChain(this.#path, genesis)
      this.#log = continueChain(this.#chain, { path: this.#path, lines: [] })
    }
    this.#subscriptions = new Subscriptions(this.#chain)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    this.#log?.close()
    this.#release?.()
  }

  #begin(genesis: Genesis): Chain {
    const { finalityDepth, confirmationDepth } = this.#options
    const now = (): number => Math.floor(Date.now() / 1000)
    return new Chain(new Machine(this.#native), genesis, { finalityDepth, confirmationDepth, now, switches: () => this.#switches })
  }

  #tick(): void {
    this.#timer = setTimeout(() => {
      this.#chain.produce()
      if (!this.#closed) this.#tick()
    }, this.#options.slotMilliseconds)
  }
}
