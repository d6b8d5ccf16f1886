import { decodeText, encodeText } from '../../codec/text.js'
import type { NetworkRows } from '../provider-parts.js'
import { solanaError } from './solana-errors.js'
import type { ParsedSettings } from './settings.js'

/** How the genesis hashes of the public clusters begin: https://chainagnostic.org (namespace solana, CAIP-2) */
const PUBLIC: Readonly<Record<string, string>> = {
  mainnet: '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  testnet: '4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z',
  devnet: 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
}
const ROW = 'chain'
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/** The chain that a device is on. */
interface KnownChain {
  /** What the settings called it then. */
  readonly cluster: string
  readonly genesis: string
}

/**
 * Which chain this device is on, by its genesis hash, over restarts. Endpoints that serve another one under the same name are not used: neither a
 * level nor an event may come from, or go to, the wrong chain. Three things are no mistake: settings that name another cluster, a first
 * contact, and a chain for development that was wiped (one endpoint on loopback, no public cluster before or after).
 */
export class ChainIdentity {
  readonly #rows: NetworkRows
  readonly #settings: Pick<ParsedSettings, 'cluster' | 'endpoints'>
  #known: KnownChain | undefined
  #saving: Promise<void> = Promise.resolve()
  #foreign: string | undefined

  private constructor(rows: NetworkRows, settings: Pick<ParsedSettings, 'cluster' | 'endpoints'>, known: KnownChain | undefined) {
    this.#rows = rows
    this.#settings = settings
    this.#known = known
  }

  /** @throws SpiceTimeError as the rows fail */
  static async load(rows: NetworkRows, settings: Pick<ParsedSettings, 'cluster' | 'endpoints'>): Promise<ChainIdentity> {
    return new ChainIdentity(rows, settings, parseRow(await rows.get(ROW)))
  }

  /** Genesis hash of the chain, once an endpoint was asked. */
  get genesis(): string | undefined {
    return this.#known?.cluster === this.#settings.cluster ? this.#known.genesis : undefined
  }

  /** Genesis hash of another chain that the last endpoint served in its place. */
  get foreign(): string | undefined {
    return this.#foreign
  }

  /**
   * Whether an endpoint with that genesis hash may be used.
   * @throws SpiceTimeError NETWORK_EXCHANGED when it may not
   */
  accept(genesis: string): void {
    const { cluster } = this.#settings
    const expected = PUBLIC[cluster]
    if (expected !== undefined && !genesis.startsWith(expected)) throw this.#refuse(genesis, `${expected}…`)
    const known = this.genesis
    if (known !== undefined && known !== genesis && !this.#isWiped(known, genesis)) throw this.#refuse(genesis, known)
    this.#foreign = undefined
    if (known === genesis) return
    this.#known = { cluster, genesis }
    this.#saving = this.#rows.write([[ROW, encodeText(JSON.stringify(this.#known))]])
    // Whoever needs it waits for it in `saved`.
    this.#saving.catch(() => undefined)
  }

  /** Resolves once the chain is remembered over a restart. @throws SpiceTimeError STORAGE_FULL, STORAGE_FAILED */
  saved(): Promise<void> {
    return this.#saving
  }

  #isWiped(known: string, genesis: string): boolean {
    const { endpoints } = this.#settings
    const isPublic = Object.values(PUBLIC).some((start) => known.startsWith(start) || genesis.startsWith(start))
    return endpoints.length === 1 && !isPublic && LOOPBACK.test(new URL(endpoints[0]).hostname)
  }

  #refuse(genesis: string, expected: string): Error {
    this.#foreign = genesis
    return solanaError(
      'NETWORK_EXCHANGED',
      `The endpoint for the Solana cluster ${this.#settings.cluster} serves another chain (genesis ${genesis}) than this device's (genesis ${expected}). Nothing is sent to it; name an endpoint of the right cluster, or another cluster for a new start.`,
      { genesis, expected },
    )
  }
}

/** A row that is damaged is a first contact. */
function parseRow(row: Uint8Array | undefined): KnownChain | undefined {
  if (row === undefined) return undefined
  let foreign: unknown
  try {
    foreign = JSON.parse(decodeText(row))
  } catch {
    return undefined
  }
  if (typeof foreign !== 'object' || foreign === null || !('cluster' in foreign) || !('genesis' in foreign)) return undefined
  const { cluster, genesis } = foreign
  return typeof cluster === 'string' && typeof genesis === 'string' ? { cluster, genesis } : undefined
}
