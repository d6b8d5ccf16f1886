import { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import type { SolanaPeer } from './solana-peer.js'
import type { Switches } from './switches.js'

export interface SolanaDevnetOptions {
  /** Of HTTP; the websocket has the next one. Left out: a free pair. */
  readonly port?: number
  /** Where blocks are kept over restarts. Left out: in memory, with a genesis of its own. */
  readonly directory?: string
  /** Default 400, as on the real clusters. */
  readonly slotMilliseconds?: number
  /** Slots from processed to finalized. Default 32. */
  readonly finalityDepth?: number
  /** Slots from processed to confirmed. Default 1. */
  readonly confirmationDepth?: number
  /** No slot passes by itself: `step` makes them. */
  readonly manual?: boolean
}

/** What happens to the transactions of slots that are rolled back: gone for good, or landing anew in the next slot, in the reverse order. */
export type Fate = 'vanish' | 'again'

/** The embedded devnet. Whatever is asked of it over its control endpoint (`controlUrl`) is a method here. */
export interface SolanaDevnet extends SolanaPeer {
  readonly kind: 'embedded'
  /** `POST {"do":"step","slots":1}`, `{"do":"set","switches":{…}}`, `{"do":"rollBack","slots":1,"fate":"vanish"}`, `{"do":"exchange"}`; `GET` tells. */
  readonly controlUrl: string
  genesisHash(): string
  /** Replaces the named switches. */
  set(switches: Partial<Switches>): void
  /** Takes the newest slots back, as a fork does, at most down to the finalized one; the next slots have new numbers, hashes and blocks. */
  rollBack(slots: number, fate: Fate): void
  /** Wipes the chain: another genesis under the same URL, balances and history gone. */
  exchange(): void
  /** Lamports from the faucet to the address, landed in a slot. In manual mode it makes a slot. */
  airdrop(address: string, lamports: number): Promise<string>
}

/** @throws SpiceTimeError DEVNET_FAILED when litesvm's native module can't be loaded here, or the ports are taken */
export function startSolanaDevnet(options: SolanaDevnetOptions = {}): Promise<SolanaDevnet> {
  return Promise.reject(new SpiceTimeError('DEVNET_FAILED', 'The embedded devnet is not there yet.', { manual: options.manual === true }))
}
