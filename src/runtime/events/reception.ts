import type { Author } from '../crypto/signing.js'
import type { Diagnostics, Diagnostic } from '../diagnostics/diagnostics.js'
import { asSpiceTimeError } from '../errors/spice-time-error.js'
import { shortIdOf } from '../codec/event-id.js'
import { firstSeq } from '../model/event.js'
import type { AuthorId, Event, EventId, ShortId } from '../model/event.js'
import type { Network } from '../model/network.js'
import { documentOf } from '../model/path.js'
import type { Receipt } from '../model/receipt.js'
import type { Store } from '../storage/store.js'
import type { ChainBatch } from './author-chain.js'
import type { BodyKeeper } from './body-keeper.js'
import type { HybridClock } from './clock.js'
import type { CoveredEvents } from './covered-events.js'
import type { Brought, EventComposer, ReceiptChange, ReplacedEvent } from './event-applier.js'
import { EventLog } from './log.js'
import { logKeys } from './log-keys.js'
import { ReadAhead } from './read-ahead.js'
import { receiptChanges } from './receipt-changes.js'
import { inspect, openEarly, place } from './received-events.js'
import type { Inspected, Placement, ReadyPlacement } from './received-events.js'
import { encodeOriginal } from './original-row.js'
import { readRefusal, writeRefusal } from './refusals.js'
import type { Refusal } from './refusals.js'
import { takePlaces } from './taking-places.js'
import type { SpaceDirectory } from './space-directory.js'
import type { EventTransaction } from './transaction.js'
import type { WaitingRoom } from './waiting-room.js'
import type { WaitingEvent } from './waiting-row.js'
import { addWaiting, STRANGERS } from './waiting-row.js'
import { WaitingShares } from './waiting-shares.js'

export interface ReceptionParts {
  readonly store: Store
  readonly author: Pick<Author, 'id'>
  readonly diagnostics: Diagnostics
  readonly spaces: SpaceDirectory
  readonly composer: EventComposer
  readonly log: EventLog
  readonly waiting: WaitingRoom
  readonly clock: HybridClock
  readonly chains: ChainBatch
  readonly covered: CoveredEvents
  readonly transaction: EventTransaction
  readonly bodies: () => Promise<BodyKeeper>
}

type Signed = Inspected & { readonly kind: 'signed' }

/** An event, and whom it names as its author where that can be read. */
interface Named {
  readonly id: EventId
  readonly author?: AuthorId
}

/** One delivery from a network, on its way into one transaction. */
export class Reception {
  branchRemoved = false
  /** Events that have to wait and found no room: they have to come again. */
  readonly leftOut: EventId[] = []
  readonly #parts: ReceptionParts
  readonly #ahead: ReadAhead
  /** The log, read ahead. */
  readonly #log: EventLog
  readonly #reports: Diagnostic[] = []
  /** What was said of events while they waited. */
  readonly #kept: Receipt[] = []
  /** What the network said with the events: it names what each came in. */
  #receipts: readonly Receipt[] = []
  /** Refused before, and looked at again. */
  readonly #revived = new Set<EventId>()
  #shares: WaitingShares | undefined
  #queue: { readonly one: Inspected; readonly from: Network }[] = []
  /** Taken out of the log to be placed anew: nobody would bring them again, so that they wait whatever the room. */
  readonly #takenOut = new Set<EventId>()

  constructor(parts: ReceptionParts) {
    this.#ahead = new ReadAhead(parts.store)
    this.#log = new EventLog(this.#ahead, parts.spaces)
    this.#parts = { ...parts, log: this.#log }
  }

  /** Applies what can be applied, and whatever waited for it; the rest waits or is refused. */
  async take(network: Network, brought: Brought): Promise<void> {
    this.#receipts = brought.receipts
    const inspected = await Promise.all(brought.events.map(inspect))
    const opened = inspected.toSorted(byTime).map((one) => openEarly(one, this.#parts.spaces))
    await this.#readAhead(opened)
    this.#queue = opened.map((one) => ({ one, from: network }))
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const { one, from } = next
      if (one.kind === 'refused') {
        this.#refuse(one, one.error, from)
        continue
      }
      if (!(await this.#takeOne(one, from))) continue
      for (const waiter of this.#parts.waiting.waitersOf(one.id, one.decoded.header.supersedes)) await this.#takeAgain(waiter)
    }
  }

  async #takeAgain({ bytes, network }: Pick<WaitingEvent, 'bytes' | 'network'>): Promise<EventId> {
    const one = openEarly(await inspect(bytes), this.#parts.spaces)
    this.#queue.push({ one, from: network })
    return one.id
  }

  /** @see receiptChanges */
  receiptChanges(network: Network, { receipts, retracted }: Brought): Promise<readonly ReceiptChange[]> {
    return receiptChanges({ network, receipts: [...this.#kept, ...receipts], retracted }, { ...this.#parts, ahead: this.#ahead })
  }

  /** Tells the diagnostics what happened, once it is durable. */
  report(): void {
    for (const diagnostic of this.#reports) this.#parts.diagnostics.emit(diagnostic)
  }

  /** All that placing the events will ask for, in two reads rather than several an event. */
  async #readAhead(inspected: readonly Inspected[]): Promise<void> {
    const { spaces, composer } = this.#parts
    const signed = inspected.filter((one) => one.kind === 'signed')
    const keys = signed.flatMap(({ id, decoded: { header } }) => {
      const { author, previous, parents } = header
      const space = spaces.byWire(header.space)?.id
      const named = [id, ...parents, ...(previous === undefined ? [] : [previous])].map(logKeys.position)
      const places = previous === undefined ? [firstSeq(header)] : [firstSeq(header) - 1, firstSeq(header)]
      return [logKeys.refused(id), ...named, ...(space === undefined ? [] : places.map((seq) => logKeys.chain(space, author, seq)))]
    })
    const contents = await Promise.allSettled(signed.flatMap(({ opening }) => opening ?? []))
    const paths = contents.flatMap((content) => (content.status === 'fulfilled' ? [content.value.path] : []))
    await Promise.all([this.#ahead.load(keys), composer.foresee(paths.flatMap((path) => documentOf(path) ?? []))])
  }

  /** Returns whether the event was applied. */
  async #takeOne(one: Signed, from: Network): Promise<boolean> {
    const { waiting, transaction } = this.#parts
    if ((await this.#refusalOf(one.id)) !== undefined) return false
    const placement = await place(one, from, this.#parts)
    switch (placement.kind) {
      case 'known':
        waiting.remove(one.id, transaction.changes)
        return false
      case 'superseded-before':
        return await this.#learn(one)
      case 'waiting':
        if (await this.#followsQuarantined(one)) return false
        await this.#waitFor({ id: one.id, bytes: one.decoded.bytes, ...one.decoded.header }, placement, from)
        return false
      case 'refused':
        this.#refuse(authored(one), placement.error, from)
        return false
      case 'superseded':
        return await this.#lead(placement.event, placement.by, from)
      case 'forked':
        return await this.#settleFork(placement, from)
      case 'ready':
        return await this.#apply(placement, from)
    }
  }

  async #apply(
    { event, standIns, past }: Omit<ReadyPlacement, 'kind'>,
    from: Network,
    replaced: readonly ReplacedEvent[] = [],
  ): Promise<boolean> {
    const { composer, transaction, waiting, chains } = this.#parts
    await composer.readyToAbsorb()
    try {
      await composer.absorb(event)
    } catch (error) {
      const failure = asSpiceTimeError(error, 'EVENT_MALFORMED', { event: event.id })
      // What stands for an event lacks what that one had, or so it seems: the author of one of the two is to blame, and this event may not be.
      if (standIns.length > 0) await this.#waitFor(event, { missing: standIns.map(({ name }) => name), reason: failure.message }, from)
      else this.#refuse(event, failure, from)
      return false
    }
    composer.sealed({ ...event, parents: [...event.parents, ...standIns.map(({ by }) => by)] }, [...replaced, ...this.#pastOf(event, past)])
    if (event.supersedes === undefined) transaction.append(event, from)
    else takePlaces(event, { origin: from, replaced }, transaction)
    const head = await chains.head(event.spaceId, event.author)
    if (head === undefined || head.seq <= event.seq) chains.advance(event.spaceId, event.author, { seq: event.seq, id: event.id })
    this.#kept.push(...(waiting.get(event.id)?.receipts ?? []))
    waiting.remove(event.id, transaction.changes)
    return true
  }

  /** Heads that an event supersedes and that came within a snapshot. Where it supersedes such, and none is a head, others have built on these. */
  #pastOf(event: Event, past: readonly ShortId[]): readonly Pick<Event, 'id'>[] {
    const path = documentOf(event.path)
    if (past.length === 0 || path === undefined) return []
    const heads = this.#parts.composer.headsOf(path).filter((head) => past.includes(shortIdOf(head)))
    return heads.length === 0 ? [event] : heads.map((id) => ({ id }))
  }

  /** An event whose place another has taken changes nothing; whoever asks for it is led there. Returns true: it is known now. */
  async #lead(event: Event, by: Event, from: Network): Promise<boolean> {
    const { transaction, log, waiting } = this.#parts
    const position = transaction.positionOf(by.id) ?? (await log.positionOf(by.id))
    if (position === undefined) return false
    const row = { op: event.op, origin: from, path: event.path, bytes: new Uint8Array(event.bytes) }
    transaction.changes.push([logKeys.original(by.id, event.seq - firstSeq(by)), encodeOriginal({ position: 0, row })])
    transaction.lead(event.id, by, position)
    waiting.remove(event.id, transaction.changes)
    return true
  }

  /** As `#lead`, where what took its place is in a snapshot. */
  async #learn({ id, decoded }: Signed): Promise<boolean> {
    const { covered, transaction, waiting } = this.#parts
    transaction.changes.push(await covered.learn(decoded.header.space, id))
    waiting.remove(id, transaction.changes)
    return true
  }

  async #waitFor(
    { id, bytes, space, author }: Pick<Event, 'id' | 'bytes' | 'space' | 'author'>,
    { missing, reason, until = 0 }: Pick<WaitingEvent, 'missing' | 'reason'> & { until?: number },
    network: Network,
  ): Promise<void> {
    const { chains, covered, spaces } = this.#parts
    const local = spaces.byWire(space)?.id
    const isKnown =
      covered.baseOf(space)?.tips.has(author) === true || (local !== undefined && (await chains.head(local, author)) !== undefined)
    this.#wait({ id, bytes: new Uint8Array(bytes), network, reason, missing, until, holder: isKnown ? author : STRANGERS })
  }

  async #refusalOf(id: EventId): Promise<Refusal | undefined> {
    return this.#revived.has(id) ? undefined : await readRefusal(this.#ahead, id)
  }

  /** A rival in this very transaction is not in the log yet: the newcomer waits for the next one. */
  async #settleFork(placement: Placement & { readonly kind: 'forked' }, from: Network): Promise<boolean> {
    // A fork is rare, and its code is loaded with the first one.
    const { beats, forkReason, removeBranch } = await import('./forks.js')
    const { event, rival, inside } = placement
    const { transaction, log, waiting, composer } = this.#parts
    const reason = forkReason(event, rival.id)
    if (inside || !beats(event, rival)) {
      this.#quarantine(event, { code: 'AUTHOR_FORKED', reason })
      return false
    }
    const supersedes = event.supersedes !== undefined || rival.supersedes !== undefined
    if (supersedes ? transaction.applied.length > 0 : transaction.positionOf(rival.id) !== undefined) {
      await this.#waitFor(event, { missing: [], reason, until: 1 }, from)
      return false
    }
    if (supersedes) return await this.#takePlaces(placement, from)
    const removed = await removeBranch(rival, log, { waiting, changes: transaction.changes, reason })
    for (const id of removed.events) transaction.removed.add(id)
    const { author } = event
    for (const id of removed.quarantined)
      this.#reports.push({ kind: 'event-quarantined', event: id, code: 'AUTHOR_FORKED', reason, author })
    this.branchRemoved = true
    await composer.rebuild(removed.documents, transaction.changes)
    return await this.#apply(placement, from)
  }

  /** What it says that it supersedes leaves the log; if that or more would be missed, all that built on it is placed anew. */
  async #takePlaces(placement: Placement & { readonly kind: 'forked' }, from: Network): Promise<boolean> {
    const { replacedBy, takeOut } = await import('./taken-places.js')
    const { event, rival } = placement
    const { transaction, composer, store, log } = this.#parts
    const replaced = await replacedBy(event, { log, composer })
    if (replaced !== undefined) return await this.#apply(placement, from, replaced)
    const { documents, again, revived } = await takeOut(rival, { store, log, transaction })
    for (const id of revived) this.#revived.add(id)
    this.branchRemoved = true
    await composer.rebuild(documents, transaction.changes)
    const applied = await this.#apply(placement, from)
    for (const one of again) this.#takenOut.add(await this.#takeAgain(one))
    return applied
  }

  /** What an author built on his own quarantined event shares its lot. */
  async #followsQuarantined({ id, decoded }: Signed): Promise<boolean> {
    const { previous } = decoded.header
    const refusal = previous === undefined ? undefined : await this.#refusalOf(previous)
    if (refusal?.kind !== 'quarantined') return false
    this.#quarantine({ id, bytes: decoded.bytes, author: decoded.header.author }, { code: 'PARENT_QUARANTINED', reason: refusal.reason })
    return true
  }

  #wait(event: WaitingEvent): void {
    const { waiting, transaction } = this.#parts
    this.#shares ??= new WaitingShares(waiting.list())
    if (!waiting.has(event.id) && !this.#takenOut.has(event.id) && !this.#shares.fits(event)) {
      this.leftOut.push(event.id)
      this.#reports.push({
        kind: 'event-refused',
        event: event.id,
        code: 'WAITING_ROOM_FULL',
        reason: 'Too many events wait for missing ones; it is asked for again later.',
        origin: event.network,
      })
      return
    }
    const { receipts, carried = false } = waiting.get(event.id) ?? {}
    // It may have waited before a snapshot came that carries it.
    const kept = { ...event, carried: carried || this.#parts.covered.carries(event.id), ...(receipts === undefined ? {} : { receipts }) }
    if (!waiting.has(event.id)) this.#shares.take(kept)
    addWaiting(waiting, kept, transaction.changes)
    this.#reports.push({ kind: 'event-waiting', event: event.id, reason: event.reason })
  }

  #quarantine(event: Pick<Event, 'id' | 'bytes' | 'author'>, { code, reason }: { readonly code: string; readonly reason: string }): void {
    const { waiting, transaction } = this.#parts
    waiting.remove(event.id, transaction.changes)
    this.#revived.delete(event.id)
    writeRefusal(event.id, { kind: 'quarantined', code, reason, bytes: new Uint8Array(event.bytes) }, transaction.changes)
    this.#reports.push({ kind: 'event-quarantined', event: event.id, code, reason, author: event.author })
  }

  #refuse({ id, author }: Named, error: { readonly code: string; readonly message: string }, from: Network): void {
    const { waiting, transaction } = this.#parts
    const reference = this.#receipts.find((receipt) => receipt.event === id)?.reference
    waiting.remove(id, transaction.changes)
    // A space that is not joined yet may be joined later: nothing is held against the event.
    if (error.code !== 'SPACE_UNKNOWN') writeRefusal(id, { kind: 'rejected', code: error.code, reason: error.message }, transaction.changes)
    this.#reports.push({
      kind: 'event-refused',
      event: id,
      code: error.code,
      reason: error.message,
      origin: from,
      ...(author === undefined ? {} : { author }),
      ...(reference === undefined ? {} : { reference }),
    })
  }
}

function authored({ id, decoded }: Signed): Named {
  return { id, author: decoded.header.author }
}

/** A clock never runs behind the events that it names, so most parents come before their children and none of those need wait. */
function byTime(one: Inspected, other: Inspected): number {
  return timeOf(one) - timeOf(other)
}

function timeOf(one: Inspected): number {
  return one.kind === 'signed' ? one.decoded.header.time : 0
}
