import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { Batch } from './batch.js'
import type { SnapshotPiece } from './snapshot-piece.js'

/**
 * Everything that is asked of the DNA's zome, and the parser of each answer. The other end is `holochain/zomes/coordinator/src/lib.rs`; payloads
 * are msgpack maps with the field names below in snake case, hashes the 39 bytes that Holochain writes.
 *
 * | function | payload | answer |
 * | --- | --- | --- |
 * | `version` | null | the version of the rules that the DNA keeps |
 * | `publish` | `Batch` | `Published`; a batch that this agent's chain has is not written again |
 * | `find` | `Batch` | `Published`, or null when this agent's chain has no such batch |
 * | `pull` | `{ since, max_bytes, network }` | `{ batches, since, more }` |
 * | `heads` | null | a list of `{ agent, batches }` |
 * | `members` | null | a list of agents |
 * | `receipts` | a list of actions of this agent's batches | a list of `{ action, holders, refused }` |
 * | `refused` | null | a list of `{ agent, action, reason, by, at }`: what nodes refused of members, as far as this node holds the warrants |
 * | `publish_part` | `SnapshotPiece` without parts | its action; one that this agent's chain has is not written again |
 * | `publish_snapshot` | `{ head, events }`: a `SnapshotPiece` with parts | its action |
 * | `snapshots` | whether other nodes are asked too | a list of `{ agent, action, events, at }`: each agent's newest, the one that covers most first |
 * | `read_snapshot` | `{ action, network }` | `SnapshotPiece`, or null while it has not arrived |
 * | `send_signal` | `{ agents, payload }`; no agents: every member | null; whether it arrives nobody learns |
 *
 * A signal arrives as `{ from, payload }`.
 */
export interface ZomeCalls {
  version(): Promise<number>
  publish(batch: Batch): Promise<Published>
  find(batch: Batch): Promise<Published | undefined>
  pull(input: PullInput): Promise<Pulled>
  heads(): Promise<readonly Head[]>
  members(): Promise<readonly Uint8Array[]>
  receipts(actions: readonly Uint8Array[]): Promise<readonly Holders[]>
  refused(): Promise<readonly RefusedAction[]>
  publishPart(part: SnapshotPiece): Promise<Uint8Array>
  publishSnapshot(head: SnapshotPiece, events: number): Promise<Uint8Array>
  snapshots(network: boolean): Promise<readonly OfferedPiece[]>
  /** Asks this node, then others. */
  readSnapshot(action: Uint8Array): Promise<Pick<SnapshotPiece, 'parts' | 'bytes'> | undefined>
  sendSignal(payload: Uint8Array, agents?: readonly Uint8Array[]): Promise<void>
}

/** One call of a function of the zome, as `AppWebsocket.callZome` makes it. */
export type CallZome = (name: string, payload: unknown) => Promise<unknown>

/** Of the rules that every node keeps: `holochain/zomes/integrity/src/lib.rs` has them. */
export const NETWORK_VERSION = 2
/** What `dna.yaml` and `happ.yaml` call it. */
export const ZOME_NAME = 'spicetime'
export const ROLE_NAME = 'space'
/** What the DNA is told of its space: `holochain/zomes/integrity/src/lib.rs` reads it. */
export function propertiesOf(space: Uint8Array): { readonly space: string } {
  return { space: Array.from(space, (byte) => byte.toString(16).padStart(2, '0')).join('') }
}

/** Most bytes of a signal's payload. */
export const MAX_SIGNAL_BYTES = 64 * 1024

export interface Published {
  readonly action: Uint8Array
  readonly entry: Uint8Array
  /** The batch's place among its agent's. */
  readonly number: number
  /** Microseconds since 1970, by its agent's clock. */
  readonly at: number
  readonly existed: boolean
}

/** How far a pull got with one agent: all below `next`, and those `above` it (docs/decisions/0012). */
export interface Mark {
  readonly agent: Uint8Array
  readonly next: number
  readonly above: readonly number[]
}

export interface PullInput {
  readonly since: readonly Mark[]
  /** Of events, in the answer; the zome never gives more than 4 MiB. */
  readonly maxBytes: number
  /** Whether other nodes are asked too: for a node that does not hold everything, or was just started. */
  readonly network: boolean
}

export interface PulledBatch extends Pick<Published, 'action' | 'number' | 'at'> {
  readonly agent: Uint8Array
  readonly batch: Batch
}

export interface Pulled {
  readonly batches: readonly PulledBatch[]
  readonly since: readonly Mark[]
  readonly more: boolean
}

export interface Head {
  readonly agent: Uint8Array
  readonly batches: number
}

export interface Holders {
  readonly action: Uint8Array
  /** Other nodes that validated the batch and hold it. */
  readonly holders: readonly Uint8Array[]
  /** Other nodes whose validation refused it. */
  readonly refused: readonly Uint8Array[]
}

/** What a node's validation refused of another's. */
export interface RefusedAction {
  /** Who wrote it. */
  readonly agent: Uint8Array
  readonly action: Uint8Array
  /** In the words of the node that found it; empty where one chain has two actions at one place. */
  readonly reason: string
  /** The node that found it. */
  readonly by: Uint8Array
}

/** The head of a snapshot, where newcomers look. */
export interface OfferedPiece extends Pick<Published, 'action' | 'at'> {
  readonly agent: Uint8Array
  /** That it covers, as its agent says. */
  readonly events: number
}

export interface ZomeSignal {
  /** The agent whose conductor sent it. */
  readonly from: Uint8Array
  readonly payload: Uint8Array
}

const HASH_BYTES = 39
const MOST_LISTED = 100_000
/** A warrant's reason has at most 512 bytes. */
const LONGEST_TEXT = 512

/** The zome's functions over one connection. Failures of the call are `call`'s; an answer that is none is NETWORK_REFUSED. */
export function zomeCalls(call: CallZome): ZomeCalls {
  return {
    version: async () => count(await call('version', null), 'version'),
    publish: async (batch) => parsePublished(await call('publish', batch)),
    async find(batch) {
      const found = await call('find', batch)
      return found === null || found === undefined ? undefined : parsePublished(found)
    },
    pull: async ({ since, maxBytes, network }) => parsePulled(await call('pull', { since, max_bytes: maxBytes, network })),
    heads: async () =>
      list(await call('heads', null), 'heads').map((head) => ({
        agent: hash(field(head, 'agent')),
        batches: count(field(head, 'batches'), 'batches'),
      })),
    members: async () => list(await call('members', null), 'members').map(hash),
    receipts: async (actions) =>
      list(await call('receipts', actions), 'receipts').map((receipt) => ({
        action: hash(field(receipt, 'action')),
        holders: list(field(receipt, 'holders'), 'holders').map(hash),
        refused: list(field(receipt, 'refused'), 'refused').map(hash),
      })),
    refused: async () => list(await call('refused', null), 'refused').map(parseRefused),
    publishPart: async (part) => hash(await call('publish_part', part)),
    publishSnapshot: async (head, events) => hash(await call('publish_snapshot', { head, events })),
    snapshots: async (network) => list(await call('snapshots', network), 'snapshots').flatMap(parseOffered),
    async readSnapshot(action) {
      const here = await call('read_snapshot', { action, network: false })
      const found = here ?? (await call('read_snapshot', { action, network: true }))
      return found === null || found === undefined ? undefined : parsePiece(found)
    },
    async sendSignal(payload, agents = []) {
      await call('send_signal', { agents, payload })
    },
  }
}

/** Undefined for a signal that is not of this DNA's form: signals are hints, and one that can't be read is none. */
export function parseSignal(foreign: unknown): ZomeSignal | undefined {
  if (!isMap(foreign)) return undefined
  const { from, payload } = foreign
  if (!(from instanceof Uint8Array) || from.length !== HASH_BYTES) return undefined
  return payload instanceof Uint8Array && payload.length <= MAX_SIGNAL_BYTES
    ? { from: new Uint8Array(from), payload: new Uint8Array(payload) }
    : undefined
}

/** One mark as it comes back from where a cursor was kept. @throws SpiceTimeError NETWORK_REFUSED */
export function parseMark(foreign: unknown): Mark {
  return {
    agent: hash(field(foreign, 'agent')),
    next: count(field(foreign, 'next'), 'next'),
    above: list(field(foreign, 'above'), 'above').map((number) => count(number, 'above')),
  }
}

function parsePublished(foreign: unknown): Published {
  const existed = field(foreign, 'existed')
  if (typeof existed !== 'boolean') throw unreadable("'existed' is not true or false")
  return { ...parsePlace(foreign), entry: hash(field(foreign, 'entry')), existed }
}

function parsePlace(foreign: unknown): Pick<Published, 'action' | 'number' | 'at'> {
  return {
    action: hash(field(foreign, 'action')),
    number: count(field(foreign, 'number'), 'number'),
    at: clock(field(foreign, 'at')),
  }
}

function parsePulled(foreign: unknown): Pulled {
  const more = field(foreign, 'more')
  if (typeof more !== 'boolean') throw unreadable("'more' is not true or false")
  const batches = list(field(foreign, 'batches'), 'batches').map((pulled) => ({
    ...parsePlace(pulled),
    agent: hash(field(pulled, 'agent')),
    batch: parseBatch(field(pulled, 'batch')),
  }))
  return { batches, since: list(field(foreign, 'since'), 'since').map(parseMark), more }
}

function parseBatch(foreign: unknown): Batch {
  return {
    version: count(field(foreign, 'version'), 'version'),
    author: bytes(field(foreign, 'author'), 'author'),
    signature: bytes(field(foreign, 'signature'), 'signature'),
    events: list(field(foreign, 'events'), 'events').map((event) => bytes(event, 'events')),
  }
}

function parseRefused(foreign: unknown): RefusedAction {
  return {
    agent: hash(field(foreign, 'agent')),
    action: hash(field(foreign, 'action')),
    reason: text(field(foreign, 'reason'), 'reason'),
    by: hash(field(foreign, 'by')),
  }
}

/** A member may say of his own whatever eight bytes can: what is no count hides nobody else's. */
function parseOffered(foreign: unknown): readonly OfferedPiece[] {
  const events = whole(field(foreign, 'events'))
  if (events === undefined) return []
  return [{ agent: hash(field(foreign, 'agent')), action: hash(field(foreign, 'action')), events, at: clock(field(foreign, 'at')) }]
}

function parsePiece(foreign: unknown): Pick<SnapshotPiece, 'parts' | 'bytes'> {
  return { parts: list(field(foreign, 'parts'), 'parts').map(hash), bytes: bytes(field(foreign, 'bytes'), 'bytes') }
}

function isMap(foreign: unknown): foreign is Readonly<Record<string, unknown>> {
  return typeof foreign === 'object' && foreign !== null && !Array.isArray(foreign)
}

function field(foreign: unknown, name: string): unknown {
  if (!isMap(foreign)) throw unreadable(`it is no map with '${name}'`)
  return foreign[name]
}

function list(foreign: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(foreign) || foreign.length > MOST_LISTED) throw unreadable(`'${name}' is no list of a sane length`)
  return foreign
}

function count(foreign: unknown, name: string): number {
  const value = whole(foreign)
  if (value === undefined) throw unreadable(`'${name}' is no whole number`)
  return value
}

function whole(foreign: unknown): number | undefined {
  const value = typeof foreign === 'bigint' ? Number(foreign) : foreign
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** By its agent's clock, which may say anything: nobody's pull stops at it. */
function clock(foreign: unknown): number {
  return whole(foreign) ?? 0
}

function text(foreign: unknown, name: string): string {
  if (typeof foreign !== 'string') throw unreadable(`'${name}' is no text`)
  return foreign.slice(0, LONGEST_TEXT)
}

function bytes(foreign: unknown, name: string): Uint8Array {
  if (!(foreign instanceof Uint8Array)) throw unreadable(`'${name}' is not bytes`)
  // A copy: in Node these are views into the whole message, which would be kept as long as any of them.
  return new Uint8Array(foreign)
}

function hash(foreign: unknown): Uint8Array {
  const value = bytes(foreign, 'hash')
  if (value.length !== HASH_BYTES) throw unreadable(`a hash has ${value.length} bytes`)
  return value
}

function unreadable(reason: string): SpiceTimeError {
  return new SpiceTimeError(
    'NETWORK_REFUSED',
    `The conductor's answer is not of this runtime's DNA: ${reason}. Install the app that comes with this version (holochain/spicetime.happ).`,
    { network: 'holochain' },
  )
}
