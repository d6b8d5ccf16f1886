import type { SpiceTimeError } from '../../errors/spice-time-error.js'
import { asSpiceTimeError, isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { Level } from '../../model/network.js'
import type { Platform } from '../../platform/platform.js'
import { toBase64 } from './base64.js'
import { finalizedHeight, sendTransaction, signatureStatuses } from './rpc-requests.js'
import type { SignatureStatus } from './rpc-requests.js'
import type { SentRows, SentTransaction } from './sent-rows.js'
import type { SolanaRpc } from './solana-rpc.js'

/** One memo on its way to the chain, through as many transactions as it takes, of which never two can land. */
export interface Flight {
  /** The one that may land now; its row is durable. */
  sent: SentTransaction
  /** What the chain gave, as far as this device has asked. */
  level: Exclude<Level, 'local'> | undefined
  /** Milliseconds of the platform's monotonic clock. */
  began: number
  lastSend: number
  /** Signing it anew failed: when that is tried again. */
  rebuildAt: number
}

export interface FlightParts {
  readonly rpc: SolanaRpc
  readonly platform: Platform
  readonly rows: SentRows
  /** Signs the flight's memo anew. @throws SpiceTimeError when that can't be done now */
  readonly rebuild: (old: SentTransaction) => Promise<SentTransaction>
  readonly onMoved: (flight: Flight) => void
  readonly onFailed: (flight: Flight, failure: SpiceTimeError) => void
  /** It never can do anything, and its row is gone. */
  readonly onRefused: (flight: Flight) => void
  /** A pass that failed as a whole: the endpoints could not be asked. */
  readonly onTrouble: (failure: SpiceTimeError) => void
}

/** Between looks while something has not landed, and while all that is missing is finality. */
const LOOK = 500
const LOOK_FINAL = 3_000
const RESEND = 2_000
/** A blockhash is good for 150 blocks; nothing younger can have expired, at the fastest that blocks come. */
const LEAST_LIFE = 30_000
/** Until what could not be signed anew is tried again: its payer may be a person. */
const REBUILD = 15_000
const STATUSES_AT_ONCE = 256

/**
 * Watches what was sent: resends the same bytes while they can land, takes note of each commitment, and signs a memo anew only once the finalized
 * chain is past its last block and no node that is so far knows it.
 */
export class Flights {
  readonly #parts: FlightParts
  readonly #flights = new Map<string, Flight>()
  #timer: { readonly due: number; readonly cancel: () => void } | undefined
  #looking: Promise<void> | undefined
  #stopped = false

  constructor(parts: FlightParts) {
    this.#parts = parts
  }

  /** Those that no block has yet. */
  get inAir(): readonly Flight[] {
    return [...this.#flights.values()].filter(({ level }) => level === undefined || level === 'sent')
  }

  get all(): readonly Flight[] {
    return [...this.#flights.values()]
  }

  /** What a former life left. The row's blockhash may be long expired, and it may have landed long ago. */
  adopt(sent: SentTransaction): Flight {
    const { platform } = this.#parts
    const flight: Flight = { sent, level: undefined, began: platform.monotonic() - LEAST_LIFE, lastSend: -RESEND, rebuildAt: 0 }
    this.#flights.set(sent.signature, flight)
    this.#schedule(0)
    return flight
  }

  /** Makes it durable and watches it from now on. Nothing is sent yet. */
  async add(sent: SentTransaction): Promise<Flight> {
    const { platform, rows } = this.#parts
    await rows.put(sent)
    const flight: Flight = { sent, level: undefined, began: platform.monotonic(), lastSend: platform.monotonic(), rebuildAt: 0 }
    this.#flights.set(sent.signature, flight)
    this.#schedule(LOOK)
    return flight
  }

  /** @throws SpiceTimeError as sending fails; it is watched all the same, unless it was refused */
  async send(flight: Flight): Promise<void> {
    const { rpc, rows, onMoved, onRefused } = this.#parts
    try {
      await rpc.call(sendTransaction(toBase64(flight.sent.bytes), flight.level === undefined))
    } catch (error) {
      if (isSpiceTimeError(error, 'NETWORK_REFUSED') && flight.level === undefined && !isProcessed(error)) {
        await rows.remove(flight.sent.signature)
        this.#flights.delete(flight.sent.signature)
        onRefused(flight)
      }
      if (!isProcessed(error)) throw error
    }
    if (flight.level !== undefined) return
    flight.level = 'sent'
    onMoved(flight)
  }

  /** Looks now: someone saw it on the chain. */
  look(): void {
    if (this.#flights.size > 0) this.#schedule(0)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#looking
  }

  #schedule(delay: number): void {
    const { platform } = this.#parts
    const due = platform.monotonic() + delay
    if (this.#stopped || this.#looking !== undefined || (this.#timer !== undefined && this.#timer.due <= due)) return
    this.#timer?.cancel()
    this.#timer = { due, cancel: platform.after(delay, () => this.#look()) }
  }

  #look(): void {
    this.#timer = undefined
    this.#looking = this.#pass()
      .catch((error: unknown) => this.#parts.onTrouble(asSpiceTimeError(error, 'NETWORK_UNAVAILABLE')))
      .finally(() => {
        this.#looking = undefined
        if (this.#flights.size > 0) this.#schedule(this.inAir.length > 0 ? LOOK : LOOK_FINAL)
      })
  }

  async #pass(): Promise<void> {
    const flights = this.all
    for (let start = 0; start < flights.length; start += STATUSES_AT_ONCE) {
      const some = flights.slice(start, start + STATUSES_AT_ONCE)
      const signatures = some.map(({ sent }) => sent.signature)
      const { statuses } = await this.#parts.rpc.call(signatureStatuses(signatures, false))
      const lost = some.filter((flight, index) => this.#unknown(flight, statuses[index]))
      for (const [index, flight] of some.entries()) await this.#note(flight, statuses[index])
      await this.#search(lost)
    }
  }

  /** Whether the node's recent memory has nothing of it. */
  #unknown(flight: Flight, status: SignatureStatus | undefined): boolean {
    return status === undefined && this.#flights.has(flight.sent.signature)
  }

  async #note(flight: Flight, status: SignatureStatus | undefined): Promise<void> {
    const { rows, onMoved } = this.#parts
    if (status === undefined) return
    if (status.error !== null) return this.#failedOnChain(flight, status)
    const level = LEVEL_OF[status.commitment]
    if (level === flight.level) return
    if (level === 'final') {
      await rows.finish(flight.sent)
      this.#flights.delete(flight.sent.signature)
    }
    flight.level = level
    onMoved(flight)
  }

  /** The fee was taken and nothing done: its memo is no part of the chain. Final first, since a dropped slot could take the failure back. */
  #failedOnChain(flight: Flight, { commitment }: SignatureStatus): Promise<void> | void {
    if (commitment === 'finalized' && this.#parts.platform.monotonic() >= flight.rebuildAt) return this.#replace(flight)
  }

  /** Those that the node does not remember: sent again, or looked for in its history once they should be over. */
  async #search(flights: readonly Flight[]): Promise<void> {
    const now = this.#parts.platform.monotonic()
    const old = flights.filter(({ began, rebuildAt }) => now - began >= LEAST_LIFE && now >= rebuildAt)
    const over = old.length === 0 ? [] : await this.#expired(old)
    for (const flight of flights) {
      if (over.includes(flight)) await this.#replace(flight)
      else if (flight.level !== 'final' && this.#flights.has(flight.sent.signature) && now - flight.lastSend >= RESEND)
        await this.#resend(flight)
    }
  }

  /** The height is asked for first: a status that a node at least so far does not know then can't come any more. */
  async #expired(flights: readonly Flight[]): Promise<readonly Flight[]> {
    const { rpc } = this.#parts
    const { slot, height } = await rpc.call(finalizedHeight(), { sameChain: true })
    const past = flights.filter(({ sent }) => height > sent.lastValidBlockHeight)
    if (past.length === 0) return []
    const answer = await rpc.call(
      signatureStatuses(
        past.map(({ sent }) => sent.signature),
        true,
      ),
    )
    if (answer.slot < slot) return []
    for (const [index, flight] of past.entries()) await this.#note(flight, answer.statuses[index])
    return past.filter((_, index) => answer.statuses[index] === undefined)
  }

  async #resend(flight: Flight): Promise<void> {
    const wasSeen = flight.level !== undefined && flight.level !== 'sent'
    flight.lastSend = this.#parts.platform.monotonic()
    // A slot that had it was dropped: it is on its way again.
    if (wasSeen) flight.level = 'sent'
    try {
      await this.send(flight)
      if (wasSeen) this.#parts.onMoved(flight)
    } catch (error) {
      this.#parts.onFailed(flight, asSpiceTimeError(error, 'NETWORK_UNAVAILABLE'))
    }
  }

  /** The old one can't land any more; its row goes in the write that brings the new one's. */
  async #replace(flight: Flight): Promise<void> {
    const { rows, rebuild, platform, onFailed } = this.#parts
    const old = flight.sent
    flight.rebuildAt = platform.monotonic() + REBUILD
    try {
      const sent = await rebuild(old)
      await rows.put(sent, old.signature)
      this.#flights.delete(old.signature)
      this.#flights.set(sent.signature, flight)
      Object.assign(flight, { sent, level: undefined, began: platform.monotonic(), lastSend: platform.monotonic() })
      await this.send(flight)
    } catch (error) {
      onFailed(flight, asSpiceTimeError(error, 'NETWORK_UNAVAILABLE'))
    }
  }
}

/** The node has it already: a success. */
function isProcessed(error: unknown): boolean {
  return isSpiceTimeError(error) && error.context['transactionError'] === 'AlreadyProcessed'
}

const LEVEL_OF = { processed: 'shared', confirmed: 'confirmed', finalized: 'final' } as const
