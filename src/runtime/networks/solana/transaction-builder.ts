import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { Platform } from '../../platform/platform.js'
import type { Payer } from './payer.js'
import { balanceOf, latestBlockhash, recentPriorityFees, requestAirdrop, simulateTransaction } from './rpc-requests.js'
import type { Blockhash } from './rpc-requests.js'
import { transactionFailure } from './solana-errors.js'
import type { SolanaRpc } from './solana-rpc.js'
import type { ParsedSettings } from './settings.js'
import { toBase64 } from './base64.js'
import { compileMessage, feeOf, memoRoom, MOST_UNITS, signTransaction, unsignedBytes } from './transaction.js'
import type { SignedTransaction, TransactionPlan } from './transaction.js'
import { waitFor } from './waiting.js'

export interface BuilderParts {
  readonly rpc: SolanaRpc
  readonly platform: Platform
  readonly payer: Payer
  readonly settings: Pick<ParsedSettings, 'maxPriorityFee' | 'faucet'>
}

export interface BuiltTransaction extends SignedTransaction {
  readonly lastValidBlockHeight: number
  /** Lamports. */
  readonly cost: number
}

/** A blockhash lives some 60 s; a young one leaves nearly all of it for landing. */
const BLOCKHASH_AGE = 5_000
const PRICE_AGE = 10_000
/** The most recent slots say what the next ones cost; some of them are empty. */
const PRICE_SLOTS = 20
/** Above what the simulation used: the memo program's work differs by some percent with the text. */
const UNIT_MARGIN = 1.1
const FEWEST_UNITS = 1_000
const AIRDROP = 1_000_000_000
const AIRDROP_PAUSE = 30_000
const AIRDROP_LOOKS = 20

/** Makes signed transactions: a recent blockhash, a compute limit from a simulation, a priority fee from recent ones under the cap. */
export class TransactionBuilder {
  readonly #parts: BuilderParts
  #blockhash: { readonly at: number; readonly value: Promise<Blockhash> } | undefined
  #price: { readonly at: number; readonly value: Promise<number> } | undefined
  #lastAirdrop: number | undefined
  #funding: Promise<boolean> | undefined

  constructor(parts: BuilderParts) {
    this.#parts = parts
  }

  get payer(): Payer {
    return this.#parts.payer
  }

  /** Characters of memo that fit at today's prices. @throws SpiceTimeError as the endpoints fail */
  async room(): Promise<number> {
    return memoRoom((await this.#recentPrice()) > 0)
  }

  /** @throws SpiceTimeError NETWORK_UNFUNDED, NETWORK_REFUSED, and as the endpoints and the payer fail */
  async build(memo: string, reference: Uint8Array, signal?: AbortSignal): Promise<BuiltTransaction> {
    const { payer, settings } = this.#parts
    const wanted = memo.length > memoRoom(true) ? 0 : await this.#recentPrice()
    const { blockhash, lastValidBlockHeight } = await this.#recentBlockhash()
    const draft: TransactionPlan = { payer, reference, memo, blockhash, unitLimit: MOST_UNITS, unitPrice: 0 }
    const units = await this.#simulate(draft)
    const unitLimit = Math.min(MOST_UNITS, Math.ceil(units * UNIT_MARGIN) + FEWEST_UNITS)
    const unitPrice = Math.min(wanted, Math.floor((settings.maxPriorityFee * 1_000_000) / unitLimit))
    const signed = await signTransaction(compileMessage({ ...draft, unitLimit, unitPrice }), payer, signal)
    return { ...signed, lastValidBlockHeight, cost: feeOf(unitLimit, unitPrice) }
  }

  /** Asks the faucet where that is allowed, and waits until the funds are there. Whether they are. */
  fund(): Promise<boolean> {
    this.#funding ??= this.#fund().finally(() => (this.#funding = undefined))
    return this.#funding
  }

  async #fund(): Promise<boolean> {
    const { rpc, platform, payer, settings } = this.#parts
    const now = platform.now()
    if (!settings.faucet || payer.kind !== 'burner') return false
    if (this.#lastAirdrop !== undefined && now - this.#lastAirdrop < AIRDROP_PAUSE) return false
    this.#lastAirdrop = now
    await rpc.call(requestAirdrop(payer.address, AIRDROP), { once: true })
    for (let looks = 0; looks < AIRDROP_LOOKS; looks++) {
      if ((await rpc.call(balanceOf(payer.address))) > 0) return true
      await waitFor(platform, 1_000)
    }
    return false
  }

  async #simulate(draft: TransactionPlan): Promise<number> {
    const { rpc, payer } = this.#parts
    const { error, units, logs } = await rpc.call(simulateTransaction(toBase64(unsignedBytes(compileMessage(draft)))))
    if (error === null) return units
    throw transactionFailure(error, logs.at(-1) ?? 'no logs', payer.address)
  }

  /** Of the very chain that this device is on: the endpoint is asked for its genesis in the same breath. */
  #recentBlockhash(): Promise<Blockhash> {
    const now = this.#parts.platform.now()
    if (this.#blockhash === undefined || now - this.#blockhash.at > BLOCKHASH_AGE) {
      const value = this.#parts.rpc.call(latestBlockhash(), { sameChain: true })
      this.#blockhash = { at: now, value }
      // A failure is for those who asked, and not kept.
      value.catch(() => (this.#blockhash = undefined))
    }
    return this.#blockhash.value
  }

  /** The median of the recent slots, in micro-lamports for a unit; 0 where an endpoint does not tell, since a fee is a wish. */
  #recentPrice(): Promise<number> {
    const { rpc, platform, payer, settings } = this.#parts
    const now = platform.now()
    if (settings.maxPriorityFee === 0) return Promise.resolve(0)
    if (this.#price === undefined || now - this.#price.at > PRICE_AGE) {
      const value = rpc.call(recentPriorityFees(payer.address)).then(medianOfLast, (error: unknown) => {
        if (isSpiceTimeError(error, 'NETWORK_VERSION_UNSUPPORTED') || isSpiceTimeError(error, 'NETWORK_REFUSED')) return 0
        this.#price = undefined
        throw error
      })
      this.#price = { at: now, value }
    }
    return this.#price.value
  }
}

function medianOfLast(fees: readonly number[]): number {
  const sorted = fees.slice(-PRICE_SLOTS).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
