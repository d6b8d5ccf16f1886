import type { Awareness } from 'y-protocols/awareness'
import type { Doc, Text } from 'yjs'
import type { SpiceTimeError } from './errors/spice-time-error.js'
import type { DiagnosticEntry } from './diagnostics/diagnostics.js'
import type { EventId, EventInput, EventSummary } from './model/event.js'
import type { Level } from './model/network.js'
import type { NetworkSettings } from './model/network-settings.js'
import type { NetworkReport, Trace } from './model/trace.js'
import type { RoutingPolicy } from './model/routing-policy.js'
import type { Member, Space } from './model/space.js'
import type { MergePolicy, State } from './model/state.js'
import type { Value } from './model/value.js'

export interface WaitOptions {
  readonly signal?: AbortSignal
}

export interface ReadOptions extends WaitOptions {
  /** The past: an EventId of the document (the state its author saw, with it), or milliseconds since 1970. */
  readonly at?: string | number
}

export interface EventQuery extends WaitOptions {
  /** Events that arrived before this position; default: the newest. */
  readonly before?: number
  /** 1 to 1000; default 100. */
  readonly limit?: number
  /** Only events at or below this path. */
  readonly under?: string
}

export interface CreateSpaceOptions extends WaitOptions {
  readonly name: string
  /** First segment of its paths; default: a random one. */
  readonly id?: string
  /** How this person is called in the space. */
  readonly as?: string
  /** Merge policy by collection; default `team`, or what the events need. */
  readonly policies?: { readonly [collection: string]: MergePolicy }
}

export interface UndoOptions extends WaitOptions {
  /** Default: this device's author in that space. */
  readonly author?: string
  /** Only events at or below this path. */
  readonly under?: string
}

/** What is known of the device's storage. */
export interface StorageReport {
  readonly mode: 'durable' | 'evictable' | 'memory'
  /** Bytes; undefined where the platform does not tell. */
  readonly usage: number | undefined
  readonly quota: number | undefined
  /** This device's author: another one than before means that the device's data was emptied. */
  readonly author: string
  readonly events: number
  /** Stored records that could not be read, with what they were and why. */
  readonly damaged: readonly { readonly key: string; readonly reason: string }[]
}

/** How this client reaches the runtime. */
export interface ConnectionReport {
  /** Calls made while `recovering` wait and are sent once it is over; while `failed` they fail, and each tries to connect again. */
  readonly state: 'connected' | 'recovering' | 'failed'
  /** Where the runtime runs: a SharedWorker, a worker or the page of one tab (fallbacks), or this process. */
  readonly kind: 'shared-worker' | 'worker' | 'page' | 'process'
  /** Identifies one life of the runtime; every answer carries it. */
  readonly generation: string
  /** Since when, in milliseconds since 1970. */
  readonly since: number
  /** Why it recovers or failed, and what to do; undefined while connected. */
  readonly error?: SpiceTimeError
  /** Whether the browser keeps the device's data; undefined until it is known. */
  readonly storage?: StorageReport['mode']
  /** The author of this device's data that was here and is gone; undefined when nothing was lost. */
  readonly lost?: string
}

/** Does what the runtime asks of a page: gives plain data that a port can carry, or throws what the runtime is told. */
export type PageAnswerer = (request: unknown, options: { readonly signal: AbortSignal }) => Promise<unknown>

/** A field that an editor works on: a copy of its document, kept in step with every other editor's. */
export interface LiveDocument {
  readonly doc: Doc
  /** The text at the field, formatting included; the state shows its plain text. */
  readonly text: Text
  /** Who is here (y-protocols); set `user: { name, color }` to be seen. Sent to those who are there, never stored. */
  readonly awareness: Awareness
  /** Resolves when it has closed; with the reason when it could not go on: what was not saved by then is lost, open it again. */
  readonly closed: Promise<SpiceTimeError | undefined>
  /** Resolves when all that was written is durable on this device. */
  saved(): Promise<void>
  /** Saves, says goodbye and lets go. */
  close(): Promise<void>
}

/**
 * The runtime as an application holds it. Every method that waits takes an AbortSignal; every failure is a SpiceTimeError.
 */
export interface RuntimeClient {
  readonly connection: ConnectionReport
  /** Calls back with the present report at once, then with each that differs; returns its undo. */
  onConnection(listener: (report: ConnectionReport) => void): () => void
  /** Resolves once the event is durable on this device. */
  submitEvent(input: EventInput, options?: WaitOptions): Promise<EventId>
  /** One durable transaction: all or none. */
  submitEvents(inputs: readonly EventInput[], options?: WaitOptions): Promise<readonly EventId[]>
  getState<T = Value>(path: string, options?: ReadOptions): Promise<State<T>>
  /** The present state first, then every change, latest wins; ends with `return()` or the signal. */
  watchState<T = Value>(path: string, options?: WaitOptions): AsyncIterableIterator<State<T>>
  /**
   * Opens a text field of a team document for an editor with a Yjs binding. What is typed is there at once and saved in bursts of 50 ms.
   * @throws SpiceTimeError POLICY_MISMATCH, SPACE_UNKNOWN, INPUT_MALFORMED, PATH_MALFORMED, CONFLICT, ABORTED
   * @example
   * const live = await runtime.doc('acme/tasks/42/notes')
   * new QuillBinding(live.text, quill, live.awareness)
   */
  doc(path: string, options?: WaitOptions): Promise<LiveDocument>
  /**
   * Resolves when the event has that level, rejects when it can't get there (LEVEL_UNREACHABLE), or when another event was ordered first (CONFLICT,
   * with the `winner`'s EventId in its context).
   */
  reached(id: string, level: Level, options?: WaitOptions): Promise<void>
  /** Adds the inverse of the author's last event there that is not undone yet. @throws NOTHING_TO_UNDO */
  undo(options?: UndoOptions): Promise<EventId>
  trace(id: string, options?: WaitOptions): Promise<Trace>
  /** The event log, newest first. */
  events(query?: EventQuery): Promise<readonly EventSummary[]>
  networks(options?: WaitOptions): Promise<readonly NetworkReport[]>
  watchNetworks(options?: WaitOptions): AsyncIterableIterator<readonly NetworkReport[]>
  /** Pulls from every network now. */
  syncNetworks(options?: WaitOptions): Promise<void>
  /**
   * Says which networks to connect to and how, for all clients of this runtime, and durably: it takes the place of what was said before, and a
   * network that is not named is set up no more. Resolves once it is kept; `watchNetworks` shows how the networks fare.
   * @throws SpiceTimeError SETTINGS_MALFORMED, with nothing changed
   * @example
   * await runtime.configureNetworks({ solana: { cluster: 'devnet' } })
   */
  configureNetworks(settings: NetworkSettings, options?: WaitOptions): Promise<void>
  /**
   * Says how networks are picked and what each may use, for all clients of this runtime, and durably: it takes the place of what was said before,
   * and counts from the next event on. An event that no budget allows waits in its queue, and says so.
   * @throws SpiceTimeError SETTINGS_MALFORMED, with nothing changed
   * @example
   * await runtime.definePolicy({ prefer: 'cheap', budgets: { solana: { lamportsPerDay: 100_000 } } })
   */
  definePolicy(policy: RoutingPolicy, options?: WaitOptions): Promise<void>
  /** What was said last; empty when nothing was. */
  policy(options?: WaitOptions): Promise<RoutingPolicy>
  /** What the runtime did and why, from now on, after the last `DIAGNOSTIC_HISTORY` entries. */
  watchDiagnostics(options?: WaitOptions): AsyncIterableIterator<readonly DiagnosticEntry[]>
  storage(options?: WaitOptions): Promise<StorageReport>
  spaces(options?: WaitOptions): Promise<readonly Space[]>
  createSpace(options: CreateSpaceOptions): Promise<Space>
  /** A URL fragment (`#spicetime=…`) that carries the space's key and ids: whoever has it can join and read. */
  invite(space: string, options?: WaitOptions): Promise<string>
  /** Accepts the fragment, or a whole URL that ends in it. */
  joinSpace(invite: string, options?: WaitOptions & { readonly as?: string }): Promise<Space>
  members(space: string, options?: WaitOptions): Promise<readonly Member[]>
  /**
   * Offers to the runtime what only a page can do, such as asking this person's wallet for a signature, until the returned function is called or
   * the page goes. Several pages may offer the same: one of them is asked.
   * @example
   * const withdraw = await runtime.offer('solana-wallet', answer)
   */
  offer(service: string, answerer: PageAnswerer): Promise<() => void>
  /** Frees the port, the watches and the lock of this client; the runtime goes on for others. */
  close(): Promise<void>
}
