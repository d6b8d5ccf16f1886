import { shortIdOf } from '../codec/event-id.js'
import { encodeText } from '../codec/text.js'
import { firstSeq } from '../model/event.js'
import type { AuthorId, Event, EventId } from '../model/event.js'
import type { Network } from '../model/network.js'
import type { StoreChange } from '../storage/store.js'
import type { ChainBatch } from './author-chain.js'
import type { AppliedEvent, DeliveryWishes } from './event-applier.js'
import { logKeys } from './log-keys.js'
import { encodeLogRow } from './log-row.js'
import { encodePositionRow } from './position-row.js'

/** A transaction in the making, and where it takes authors' chains. */
export interface Begun {
  readonly transaction: EventTransaction
  readonly chains: ChainBatch
}

/** What one commit will hold: log rows in order, and the changes of everyone who takes part. */
export class EventTransaction {
  readonly changes: StoreChange[] = []
  readonly applied: AppliedEvent[] = []
  /** Runs once it is durable, in order. */
  readonly onCommitted: (() => void)[] = []
  readonly onFailed: ((error: unknown) => void)[] = []
  /** Events that this transaction takes out of the log; the store shows them until it is written. */
  readonly removed = new Set<EventId>()
  readonly #positions = new Map<EventId, number>()
  readonly #chains = new Map<string, EventId>()
  /** By the key of the stand-in. */
  readonly standIns = new Map<string, Event>()
  /** What superseded events are led to. */
  readonly #led = new Map<EventId, EventId>()
  readonly #before: number
  #position: number

  constructor(lastPosition: number) {
    this.#before = lastPosition
    this.#position = lastPosition
  }

  get lastPosition(): number {
    return this.#position
  }

  positionOf(id: EventId): number | undefined {
    return this.#positions.get(id)
  }

  /** What took the place of an event in this transaction. */
  ledTo(id: EventId): EventId | undefined {
    return this.#led.get(id)
  }

  /** What this transaction appends at a position. */
  eventAt(position: number | undefined): Event | undefined {
    return position === undefined ? undefined : this.applied[position - this.#before - 1]?.event
  }

  /** What this transaction appends at a place of an author's chain. */
  chainAt(space: string, author: AuthorId, seq: number): EventId | undefined {
    return this.#chains.get(logKeys.chain(space, author, seq))
  }

  /** As `chainAt`, with whatever takes several places, that one among them. */
  occupantOf(space: string, author: AuthorId, seq: number): Event | undefined {
    return this.applied.find(
      ({ event }) => event.spaceId === space && event.author === author && firstSeq(event) <= seq && seq <= event.seq,
    )?.event
  }

  /** What this transaction appends in the place of an event, by the word of the author of both. */
  standInOf(id: EventId, author: AuthorId): Event | undefined {
    return this.standIns.size === 0 ? undefined : this.standIns.get(logKeys.standIn(shortIdOf(id), author))
  }

  /** Appends an event to the log. */
  append(event: Event, origin: 'own' | Network, wishes: DeliveryWishes = {}): number {
    return this.appendApplied({ event, origin, wishes })
  }

  /** Whoever asks for the superseded event is led to what took its place. */
  lead(id: EventId, to: Pick<Event, 'id'>, position: number): void {
    this.#positions.set(id, position)
    this.#led.set(id, to.id)
    this.changes.push([logKeys.position(id), encodePositionRow({ position, by: to.id })])
  }

  appendApplied(appended: Omit<AppliedEvent, 'position'>): number {
    const { event, origin } = appended
    const position = ++this.#position
    this.#positions.set(event.id, position)
    this.applied.push({ ...appended, position })
    const chain = logKeys.chain(event.spaceId, event.author, event.seq)
    // A fork's rival is appended at the same place; the first one there counts.
    if (!this.#chains.has(chain)) this.#chains.set(chain, event.id)
    this.changes.push(
      [logKeys.event(position), encodeLogRow({ op: event.op, origin, path: event.path, bytes: event.bytes })],
      [logKeys.position(event.id), encodePositionRow({ position })],
      [chain, encodeText(event.id)],
    )
    return position
  }
}
