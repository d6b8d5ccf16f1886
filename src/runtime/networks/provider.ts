import type { Event, EventId, SpaceReference } from '../model/event.js'
import type { Cursor } from '../model/cursor.js'
import type { Level, Network, Requirement } from '../model/network.js'
import type { StatePath } from '../model/path.js'
import type { Receipt } from '../model/receipt.js'
import type { Platform } from '../platform/platform.js'
import type { ProviderContent } from './content.js'
import type { State } from '../model/state.js'

/**
 * One network, behind the same nine methods as every other. The runtime's core never asks which one it has: what differs is data in
 * `capabilities`. `testing/provider-conformance.ts` holds a provider to what is written here.
 */
export interface NetworkProvider {
  readonly network: Network
  readonly capabilities: Capabilities
  start(context: ProviderContext): Promise<void>
  stop(): Promise<void>
  /**
   * Idempotent by EventId: an event that the network already has is a success with the receipt it had.
   * @throws SpiceTimeError NETWORK_UNAVAILABLE (try again later), NETWORK_REFUSED (never will), NETWORK_NOT_CONNECTED
   */
  submitEvent(event: ProviderEvent, options?: { readonly signal?: AbortSignal }): Promise<Receipt>
  /** What this network alone knows of a document: for inspection and reconciliation. */
  readState(path: StatePath): Promise<State>
  /** What came since the cursor, in batches; ends when it has caught up. The last batch's cursor is where the next pull starts. */
  syncUpdates(since: Cursor, options?: { readonly signal?: AbortSignal }): AsyncIterable<Update>
  /** Cost, expected latency and success rate of sending this event now; never contacts the network. */
  quote(event: QuotedEvent): Quote
  status(): NetworkStatus
  onStatus(listener: (status: NetworkStatus) => void): () => void
  /** Told when a pull may bring something: makes a network fast, never correct. */
  onNews(listener: () => void): () => void
  /** What a person who looks into the network wants to know, by its name in words: endpoint, address, balance, what was ignored. */
  facts(): NetworkFacts
  /** Messages to the members who are online; absent where the network has no way to them. */
  readonly signals?: ProviderSignals
  /** Merged states for who comes later; absent where the network has no place for them. */
  readonly snapshots?: ProviderSnapshots
  /** Content by its CID; absent where the network keeps none. */
  readonly content?: ProviderContent
}

/** Messages that may be lost, and are kept nowhere. At most 32 KiB each; sealed and signed by whoever sends them. */
export interface ProviderSignals {
  send(space: SpaceReference, message: Uint8Array): Promise<void>
  onMessage(listener: (space: SpaceReference, message: Uint8Array) => void): () => void
}

/**
 * Merged states of a space that members publish for those who come later: a head and its parts, sealed and signed by whoever makes them. A network
 * keeps them, finds the newest at once, and says where a pull goes on after one: docs/decisions/0014.
 * @throws SpiceTimeError from each method NETWORK_UNAVAILABLE (try again later), NETWORK_REFUSED, NETWORK_NOT_CONNECTED
 */
export interface ProviderSnapshots {
  /** Most bytes of a head, and of each part. */
  readonly maxPartBytes: number
  readonly maxParts: number
  /** @returns the network's own name for it */
  publish(space: SpaceReference, snapshot: OutgoingSnapshot): Promise<string>
  offers(space: SpaceReference): Promise<SnapshotOffers>
  /** Undefined while, or because, it is not whole. */
  read(space: SpaceReference, offer: SnapshotOffer): Promise<SnapshotPieces | undefined>
  /** Of a cursor, what says how far that space was pulled: the same for every member, and text for whoever takes the snapshot. */
  markOf(space: SpaceReference, cursor: Cursor): Promise<string>
  /** The cursor of a pull that goes on after what another member had pulled. @throws SpiceTimeError INPUT_MALFORMED */
  cursorAfter(space: SpaceReference, cursor: Cursor, mark: string): Promise<Cursor>
}

export interface SnapshotPieces {
  readonly head: Uint8Array
  readonly parts: readonly Uint8Array[]
}

export interface OutgoingSnapshot extends SnapshotPieces {
  /** Events that it covers. */
  readonly events: number
}

export interface SnapshotOffers {
  /** New events after which another one is worth its cost on this network. */
  readonly every: number
  /** The newest of each member that has some, the one that covers most first. */
  readonly newest: readonly SnapshotOffer[]
}

export interface SnapshotOffer {
  readonly reference: string
  /** As whoever published it says. */
  readonly events: number
  /** How far the snapshot itself got. */
  readonly level: Level
}

export type NetworkFacts = Readonly<Record<string, string | number>>

/** What a network sees of an event: its id, its space's reference and its signed bytes. Never a key, never a plaintext. */
export type ProviderEvent = Pick<Event, 'id' | 'space' | 'bytes' | 'needs'> & {
  /** CIDs of the content that it refers to, for networks that keep content; absent where it refers to none. */
  readonly content?: readonly string[]
}
export interface QuotedEvent {
  readonly needs: readonly Requirement[]
  readonly bytes: number
}

export interface Capabilities {
  readonly requirements: readonly Requirement[]
  /** Whether receipts carry a total order that every device sees alike. */
  readonly ordering: 'none' | 'total'
  /** Most bytes of one event. */
  readonly maxEventBytes: number
  readonly cost: 'free' | 'per-event' | 'per-byte'
  /** Events that one call to the network can carry. */
  readonly batch: number
}

export interface ProviderContext {
  readonly platform: Platform
  /** What the app said of this network, as it came: the provider parses it. A change of it is a stop and a start. */
  readonly settings?: unknown
}

export interface Quote {
  /** In lamports. */
  readonly cost: number
  /** Milliseconds. */
  readonly latency: number
  /** 0 to 1. */
  readonly success: number
}

/** What a pull brought: new events, and news of events that are already known. */
export interface Update {
  readonly events: readonly Uint8Array[]
  readonly receipts: readonly Receipt[]
  /** Events whose level the network took back (a dropped slot, a wiped node). */
  readonly retracted: readonly EventId[]
  /** The network lost all that it had or is another one now: every level that it gave before this update is taken back. */
  readonly reset?: true
  /** What the network's own nodes refused of others: it never becomes state, and is shown. */
  readonly refused?: readonly RefusedPublication[]
  readonly cursor: Cursor
  /**
   * In its place, where the device had no room for these of the events: whoever brought them is asked for them again, and what others brought is not held
   * up. The cursors of later updates of the pull keep to it. Without it nothing that follows is kept, and all comes again.
   */
  readonly cursorWithout?: (leftOut: readonly EventId[]) => Cursor
}

/** Something that was published and that nodes of the network refused. */
export interface RefusedPublication {
  /** Who published it, as the network calls him. */
  readonly author: string
  /** What the network calls it. */
  readonly reference: string
  readonly reason: string
}

export interface NetworkStatus {
  readonly state: 'connected' | 'connecting' | 'away' | 'not-connected'
  /** One sentence for a person: what is wrong and what to do. */
  readonly reason?: string
  /** Milliseconds since 1970 of the last change. */
  readonly since: number
}
