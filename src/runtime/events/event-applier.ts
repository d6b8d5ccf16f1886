import type { ParsedInput } from '../codec/input-codec.js'
import type { AuthorId, Event, EventBody, EventId, HybridTime } from '../model/event.js'
import type { Cursor } from '../model/cursor.js'
import type { Network, Requirement } from '../model/network.js'
import type { DocumentPath, StatePath } from '../model/path.js'
import type { Receipt } from '../model/receipt.js'
import type { StoreChange } from '../storage/store.js'
import type { CoveredEvents } from './covered-events.js'
import type { LogRow } from './log-row.js'

export type { Base, CoveredEvents } from './covered-events.js'

/** What the submitter asked of delivery beside the signed event; never leaves the device. */
export interface DeliveryWishes {
  readonly maxCost?: number
  readonly deadline?: number
}

/** An event at the moment it takes effect on this device. */
export interface AppliedEvent {
  readonly event: Event
  /** Order of arrival in this device's log, from 1. */
  readonly position: number
  readonly origin: 'own' | Network
  readonly wishes: DeliveryWishes
  /** Events of the log whose places it takes; they leave the log with its transaction. */
  readonly replaced?: readonly ReplacedEvent[]
}

/** A superseded event as it stood in the log. */
export interface ReplacedEvent {
  readonly id: EventId
  readonly seq: number
  readonly position: number
  readonly row: LogRow
  readonly receipts: readonly Receipt[]
}

/** Who takes part in the transaction that logs an event: the state and the deliveries. Registered by `runtime.ts`. */
export interface EventApplier {
  /** Adds its changes to the transaction, in the events' order. Never waits for a network; a throw refuses the whole batch. */
  apply(events: readonly AppliedEvent[], changes: StoreChange[]): void | Promise<void>
  /** The transaction is durable. */
  committed(events: readonly AppliedEvent[]): void
  /** The transaction failed: forget what `apply` kept in memory. */
  rolledBack(): void
}

/** Who takes part when networks say how far events got, or take it back. */
export interface ReceiptApplier {
  applyReceipts(receipts: readonly ReceiptChange[], changes: StoreChange[]): void | Promise<void>
  /** The transaction is durable. */
  committedReceipts(): void
  rolledBack(): void
}

/** What is known of one event's way through the networks, before and after; at most one receipt a network. */
export interface ReceiptChange {
  readonly event: EventId
  readonly position: number
  readonly path: StatePath
  readonly needs: readonly Requirement[]
  readonly before: readonly Receipt[]
  readonly after: readonly Receipt[]
  /** Another author's: nothing delivers it from here. */
  readonly foreign?: true
}

/** The one door for what networks bring (`EventProcessor` implements it). */
export interface EventIntake {
  /** Events, receipts and the cursor in one transaction; events that can't be applied yet wait in the waiting room. */
  receive(network: Network, brought: Brought): Promise<void>
}
export interface Brought {
  readonly events: readonly Uint8Array[]
  readonly receipts: readonly Receipt[]
  readonly retracted: readonly EventId[]
  /** Every level that the network gave before is taken back first. */
  readonly reset?: true
  readonly cursor?: Cursor
  /** In its place, where these of the events have to wait and found no room: they come again. Without it no cursor is kept then. */
  readonly cursorWithout?: (leftOut: readonly EventId[]) => Cursor
  /** Told of such once the rest is durable. */
  readonly onNoRoom?: () => void
  /** Before the events: a snapshot that takes the place of a space's past. The events are those that it carries whole. */
  readonly adoption?: Adoption
}

/** A snapshot on its way into a transaction. */
export interface Adoption {
  /** The latest time of an event that it covers. */
  readonly time: HybridTime
  /** Adds what it gives to the transaction. @returns what is covered from then on */
  prepare(place: AdoptionPlace): Promise<CoveredEvents>
  /** Told which of the events that it carries were applied. @throws SpiceTimeError when the transaction must not be written */
  check(isApplied: (id: EventId) => boolean): void
  /** The transaction is durable. */
  committed(): void
}
export interface AdoptionPlace {
  readonly covered: CoveredEvents
  /** Of the newest event in this device's log. */
  readonly position: number
  readonly changes: StoreChange[]
}

/** The state's part in making and taking events, before they are logged. Calls come from the one intake, one at a time. */
export interface EventComposer {
  /**
   * Turns an own operation into an event's body. The change is in memory at once, in the transaction only with `apply`.
   * @throws SpiceTimeError when it does not fit; then nothing was changed
   */
  compose(input: ParsedInput, author: AuthorOfSpace): Promise<EventBody> | EventBody
  /** The body of the event that takes back `target`. */
  composeUndo(target: Event, author: AuthorOfSpace): Promise<EventBody>
  /** Loads documents that are about to be absorbed into, with one read. */
  foresee(documents: readonly DocumentPath[]): Promise<void>
  /** What `absorb` needs is there then. @throws when it can't be loaded, which says nothing of any event */
  readyToAbsorb(): Promise<unknown>
  /** Takes in another's event. @throws SpiceTimeError when it must be refused */
  absorb(event: Event): Promise<void>
  /** The causal heads of a document that was composed or absorbed into. */
  headsOf(document: DocumentPath): readonly EventId[]
  /** Told once an event has its id, in order: it is the document's head now, in place of its parents and of what it supersedes. */
  sealed(event: Event, replaced?: readonly Pick<ReplacedEvent, 'id'>[]): void
  /** One body in place of as many of the first events as can be merged; undefined when those are fewer than two. */
  unite(events: readonly Event[]): Promise<UnitedEvents | undefined>
  /** Whether an event holds, unchanged, all that the others do, so that it does not matter which of them are there. */
  covers(event: Event, others: readonly Event[]): Promise<boolean>
  /** Forget what was composed or absorbed and not applied: the batch is made again without the one that failed. */
  forget(): void
  /** These events no longer count (a fork was found): fold their documents anew without them. */
  rebuild(documents: readonly DocumentPath[], changes: StoreChange[]): Promise<void>
}

export interface UnitedEvents {
  readonly body: EventBody
  /** How many of the events it holds. */
  readonly count: number
}

export interface AuthorOfSpace {
  readonly author: AuthorId
  /** The space on the wire: `me` or its reference. */
  readonly space: string
}
