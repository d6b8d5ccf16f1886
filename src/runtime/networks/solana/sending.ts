import { decodeEvent } from '../../codec/event-codec.js'
import { asSpiceTimeError, isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { EventHeader, EventId } from '../../model/event.js'
import type { Receipt } from '../../model/receipt.js'
import type { Platform } from '../../platform/platform.js'
import type { ProviderEvent } from '../provider.js'
import type { EventLists, NetworkSpace, NetworkSpaces } from '../provider-parts.js'
import { Flights } from './flights.js'
import type { Flight } from './flights.js'
import { nextGroup, pack, packList } from './grouping.js'
import type { Queued } from './grouping.js'
import { MemoWriter } from './memo-writer.js'
import { OwnLists } from './own-lists.js'
import { referenceKey } from './reference-key.js'
import { shareOf } from './sent-rows.js'
import type { SentRows, SentTransaction } from './sent-rows.js'
import { calledOff, solanaError, stopped } from './solana-errors.js'
import type { SolanaRpc } from './solana-rpc.js'
import type { TransactionBuilder } from './transaction-builder.js'
import { Waiters } from '../waiters.js'

export interface SenderParts {
  readonly rpc: SolanaRpc
  readonly platform: Platform
  readonly rows: SentRows
  readonly spaces: NetworkSpaces
  readonly builder: TransactionBuilder
  readonly lists: EventLists
  /** The chain that this device is on, by its genesis hash. */
  readonly genesis: () => string
  /** An own transaction landed, deepened or was dropped: a pull may bring something. */
  readonly onMoved: () => void
  /** Something that nobody waits for failed; it is tried again. */
  readonly onTrouble: (failure: SpiceTimeError) => void
}

/** Transactions that no block has yet: more would not be faster, and all of them would have to be resent. */
const MOST_IN_AIR = 16
/** Events that are submitted within so many milliseconds share transactions. */
const WINDOW = 25
/** More go on being waited for while they come, where storage keeps lists: the larger a list, the less each event costs. */
const LONGEST_WINDOW = 400

/** Gathers submitted events into transactions, and answers each submit once its transaction was taken by a node. */
export class Sender {
  readonly #parts: SenderParts
  readonly #flights: Flights
  readonly #queue = new Map<EventId, Queued>()
  /** Events whose transaction is being built. */
  readonly #building = new Set<EventId>()
  readonly #builds = new Set<Promise<void>>()
  readonly #flightOf = new Map<EventId, Flight>()
  readonly #waiters = new Waiters(calledOff, (id) => this.#queue.delete(id))
  #cancelWindow: (() => void) | undefined
  /** When the last event came. */
  #lastCame = 0
  readonly #lists: OwnLists
  #stopped = false
  #resumed: Promise<void> | undefined

  constructor(parts: SenderParts) {
    this.#parts = parts
    const { rpc, platform, rows } = parts
    this.#lists = new OwnLists(parts)
    this.#flights = new Flights({
      ...{ rpc, platform, rows },
      rebuild: (old) => this.#sign(old.memo, old.space, old.ids),
      onMoved: (flight) => this.#moved(flight),
      onFailed: (flight, failure) => this.#failed(flight.sent.ids, failure),
      onRefused: (flight) => this.#forget(flight),
      onTrouble: parts.onTrouble,
    })
  }

  /** Events that wait for a transaction, and transactions that are not final. */
  get counts(): { readonly queued: number; readonly underWay: number } {
    return { queued: this.#queue.size + this.#building.size, underWay: this.#flights.all.length }
  }

  /** Takes up what a former life left: call it once the chain is known. @throws SpiceTimeError as the rows fail; it can be called again */
  resume(): Promise<void> {
    this.#resumed ??= this.#resume().catch((error: unknown) => {
      this.#resumed = undefined
      throw error
    })
    return this.#resumed
  }

  /**
   * Resolves once a node took the event's transaction, or with what is known of it already.
   * @throws SpiceTimeError NETWORK_REFUSED (malformed or too large), NETWORK_UNFUNDED, NETWORK_NOT_CONNECTED, ABORTED, PAGE_NEEDED, and as
   * the endpoints fail
   */
  async submit(event: ProviderEvent, signal?: AbortSignal): Promise<Receipt> {
    const since = this.#parts.platform.monotonic()
    if (signal?.aborted === true) throw calledOff(signal.reason)
    if (this.#stopped) throw stopped()
    const header = headerOf(event)
    await this.resume()
    // One that is under way already needs no storage any more.
    if (!this.#flightOf.has(event.id)) this.#lists.checkRoom(event)
    const landed = this.#flightOf.has(event.id) ? undefined : await this.#landed(event.id, since)
    if (landed !== undefined) return landed
    if (this.#stopped) throw stopped()
    const flight = this.#flightOf.get(event.id)
    if (flight?.level !== undefined) return this.#receipt(event.id, flight, since)
    if (flight === undefined && !this.#building.has(event.id)) {
      this.#queue.set(event.id, { event, header })
      this.#lastCame = this.#parts.platform.monotonic()
    }
    const receipt = this.#waiters.wait(event.id, { since, signal })
    this.#open()
    return await receipt
  }

  /** Looks now how own transactions stand: someone saw one on the chain. */
  look(): void {
    this.#flights.look()
  }

  /** Close the connection first, so that nothing is left to wait for. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelWindow?.()
    this.#queue.clear()
    this.#waiters.rejectAll(stopped())
    await Promise.all(this.#builds)
    await this.#flights.stop()
  }

  async #resume(): Promise<void> {
    const { rows, genesis } = this.#parts
    for (const sent of await rows.list()) {
      // Signed for another chain, where its blockhash never was: it can't land here, and its events are offered anew.
      if (sent.genesis !== genesis()) await rows.remove(sent.signature)
      else this.#track(this.#flights.adopt(sent))
    }
  }

  /** Others that come within the window share the transaction. */
  #open(): void {
    if (this.#stopped || this.#queue.size === 0) return
    this.#cancelWindow ??= this.#closeWindow(this.#parts.platform.monotonic())
  }

  #closeWindow(opened: number): () => void {
    const { platform } = this.#parts
    return platform.after(WINDOW, () => {
      const now = platform.monotonic()
      const stillComing = now - this.#lastCame < WINDOW && now - opened < LONGEST_WINDOW
      if (stillComing && this.#lists.ready) {
        this.#cancelWindow = this.#closeWindow(opened)
        return
      }
      this.#cancelWindow = undefined
      this.#pump()
    })
  }

  #pump(): void {
    // A person signs one thing at a time.
    const most = this.#parts.builder.payer.kind === 'wallet' ? 1 : MOST_IN_AIR
    while (!this.#stopped && this.#flights.inAir.length + this.#builds.size < most) {
      const onTheirWay = new Set([...this.#building, ...this.#flights.inAir.flatMap(({ sent }) => sent.ids)])
      const group = nextGroup(this.#queue.values(), onTheirWay)
      if (group.length === 0) return
      for (const { event } of group) {
        this.#queue.delete(event.id)
        this.#building.add(event.id)
      }
      const build = this.#fly(group).finally(() => {
        this.#builds.delete(build)
        this.#open()
      })
      this.#builds.add(build)
    }
  }

  /** Packs, signs and sends as many of the group as fit; the others go back to the queue at once. Never rejects. */
  async #fly(group: readonly Queued[]): Promise<void> {
    let taken: readonly Queued[] = group
    try {
      const asList = this.#lists.takes(group)
      const writer = asList ? undefined : new MemoWriter(await this.#parts.builder.room())
      taken = writer === undefined ? packList(group) : pack(group, writer)
      const kept = new Set(taken)
      for (const queued of group) if (!kept.has(queued)) this.#giveBack(queued)
      this.#pump()
      const [first] = taken
      if (first === undefined) return
      const { space } = first.header
      const sent = await this.#sign(writer?.text() ?? (await this.#lists.anchor(this.#spaceOf(space), taken)), space, idsOf(taken))
      if (this.#stopped) throw stopped()
      const flight = await this.#flights.add(sent)
      this.#track(flight)
      await this.#flights.send(flight)
    } catch (error) {
      const failure = asSpiceTimeError(error, 'NETWORK_UNAVAILABLE', { network: 'solana' })
      // One that does not fit alone is refused alone.
      if (taken === group && failure.context['event'] !== undefined) this.#refuseFirst(group, failure)
      else this.#failed(idsOf(taken), failure)
    } finally {
      for (const id of idsOf(taken)) this.#building.delete(id)
    }
  }

  #refuseFirst([first, ...others]: readonly Queued[], failure: SpiceTimeError): void {
    for (const queued of others) this.#giveBack(queued)
    if (first !== undefined) this.#failed([first.event.id], failure)
  }

  /** Unless everyone who wanted it sent has gone. */
  #giveBack(queued: Queued): void {
    this.#building.delete(queued.event.id)
    if (this.#waiters.has(queued.event.id)) this.#queue.set(queued.event.id, queued)
  }

  async #sign(memo: string, space: string, ids: readonly EventId[]): Promise<SentTransaction> {
    const { builder, genesis } = this.#parts
    const reference = await referenceKey(this.#spaceOf(space).secret)
    const build = async (): Promise<SentTransaction> => ({
      ...(await builder.build(memo, reference)),
      ...{ space, memo, ids, genesis: genesis() },
    })
    try {
      return await build()
    } catch (error) {
      if (!isSpiceTimeError(error, 'NETWORK_UNFUNDED') || !(await builder.fund())) throw error
      return await build()
    }
  }

  /** @throws SpiceTimeError NETWORK_UNAVAILABLE */
  #spaceOf(space: string): NetworkSpace {
    const known = this.#parts.spaces.list().find(({ reference }) => reference === space)
    if (known !== undefined) return known
    const message = `This device knows no space with the reference ${space} any more; join it again to send its events.`
    throw solanaError('NETWORK_UNAVAILABLE', message, { space })
  }

  #track(flight: Flight): void {
    for (const id of flight.sent.ids) this.#flightOf.set(id, flight)
  }

  #forget({ sent }: Flight): void {
    for (const id of sent.ids) this.#flightOf.delete(id)
  }

  #moved(flight: Flight): void {
    for (const id of flight.sent.ids) this.#waiters.resolve(id, (since) => this.#receipt(id, flight, since))
    if (flight.level === 'final') this.#forget(flight)
    this.#parts.onMoved()
    this.#open()
  }

  /** Whoever waits is told; what has a row goes on all the same. */
  #failed(ids: readonly EventId[], failure: SpiceTimeError): void {
    if (!this.#waiters.reject(ids, failure) && !this.#stopped) this.#parts.onTrouble(failure)
  }

  #receipt(id: EventId, { sent, level }: Flight, since: number): Receipt {
    const { platform } = this.#parts
    const cost = shareOf(sent.cost, sent.ids.length, sent.ids.indexOf(id))
    const times = { at: platform.now(), latency: platform.monotonic() - since }
    // Confirmed, with its place in the order, is for reading to say: an earlier event of its document may not have been read yet.
    const seen = level === undefined || level === 'sent' ? 'sent' : 'shared'
    return { event: id, network: 'solana', level: seen, reference: sent.signature, cost, ...times }
  }

  /** The receipt of an event that was final on this chain: no chain drops what was. On another chain it can be sent again. */
  async #landed(id: EventId, since: number): Promise<Receipt | undefined> {
    const { rows, genesis, platform } = this.#parts
    const landed = await rows.landed(id)
    if (landed === undefined || landed.genesis !== genesis()) return undefined
    const { signature, cost } = landed
    const times = { at: platform.now(), latency: platform.monotonic() - since }
    return { event: id, network: 'solana', level: 'final', reference: signature, cost, ...times }
  }
}

function idsOf(group: readonly Queued[]): readonly EventId[] {
  return group.map(({ event }) => event.id)
}

/** @throws SpiceTimeError NETWORK_REFUSED */
function headerOf(event: ProviderEvent): EventHeader {
  try {
    return decodeEvent(new Uint8Array(event.bytes)).header
  } catch (error) {
    const { message } = asSpiceTimeError(error)
    throw solanaError('NETWORK_REFUSED', `Solana does not take the event ${event.id}: ${message}`, { event: event.id })
  }
}
