import type { Level, Network, Requirement } from './network.js'
import type { Operation, OperationName, TextDelta } from './operation.js'
import type { SpaceId, StatePath } from './path.js'
import type { Value } from './value.js'

declare const eventIdBrand: unique symbol
declare const authorBrand: unique symbol
declare const referenceBrand: unique symbol
declare const shortIdBrand: unique symbol

/** CID (v1, dag-cbor, sha2-256, base32) of the signed event. */
export type EventId = string & { readonly [eventIdBrand]: true }
/** The first 8 bytes of the digest in an EventId, base32: enough to know one of an author's own events again, at a fifth of the size. */
export type ShortId = string & { readonly [shortIdBrand]: true }
/** An author's Ed25519 public key, base32 (lower case, no padding). */
export type AuthorId = string & { readonly [authorBrand]: true }
/** The name of a space on networks: base32 of 32 bytes that tell a stranger nothing. `me` has none. */
export type SpaceReference = string & { readonly [referenceBrand]: true }

export const EVENT_VERSION = 1
/** Bytes of one signed event without file content. */
export const MAX_EVENT_BYTES = 64 * 1024
/** Bytes of a body that does not fit into its event, as it is kept beside it: what networks take for one block. */
export const MAX_BODY_BYTES = 1024 * 1024
export const MAX_PARENTS = 64
/** Events that one event can supersede. */
export const MAX_SUPERSEDED = 2048

/** Hybrid logical clock in one sortable integer: `milliseconds since 1970 * 1024 + counter` (exact until the year 2248). */
export type HybridTime = number

const COUNTER_RANGE = 1024

/** Milliseconds since 1970 of a hybrid time. */
export function millisecondsOf(time: HybridTime): number {
  return Math.floor(time / COUNTER_RANGE)
}

export function hybridTime(milliseconds: number, counter = 0): HybridTime {
  return milliseconds * COUNTER_RANGE + counter
}

/** What anyone can read of an event. The path, operation and body of a private event are in its ciphertext: docs/decisions/0002. */
export interface EventHeader {
  readonly v: typeof EVENT_VERSION
  /** `me`, or the space's reference. */
  readonly space: string
  readonly author: AuthorId
  /** Position in the author's chain of this space, from 0. */
  readonly seq: number
  /** The author's event before this one; absent for seq 0. */
  readonly previous?: EventId
  /** Heads of the document that the author had seen, plus `after`; sorted. */
  readonly parents: readonly EventId[]
  readonly time: HybridTime
  readonly needs: readonly Requirement[]
  readonly expect?: readonly EventId[]
  /** The events whose places in its author's chain this one takes, in their order: docs/decisions/0013. */
  readonly supersedes?: readonly ShortId[]
}

/** The first place in its author's chain that an event takes. */
export function firstSeq({ seq, supersedes }: Pick<EventHeader, 'seq' | 'supersedes'>): number {
  return supersedes === undefined ? seq : seq - supersedes.length + 1
}

/** What an event does, readable by members: the sealed part of a private event, in the open in a public one. */
export interface EventContent {
  readonly path: StatePath
  readonly op: OperationName
  /** Nothing where `bodyCid` is there and the body was not looked for: the log gives such an event without it. */
  readonly body: EventBody
  /** Of a body that does not fit into its event: docs/decisions/0024. */
  readonly bodyCid?: BodyReference
}

/** A body that is kept beside its event, as one dag-cbor block. */
export interface BodyReference {
  /** CID (v1, dag-cbor, sha2-256, base32) of the block as it is stored: sealed, unless the event is in the open. */
  readonly cid: string
  /** Bytes of that block. */
  readonly size: number
  /** 32 bytes; with the space's key of the event's epoch they make the body's own key. Absent where it is in the open. */
  readonly salt?: Uint8Array
}

/** `update`: a Yjs update (V2), in team documents; else the arguments of the operation. `target`: the event that an undo takes back. */
export interface EventBody {
  readonly update?: Uint8Array
  readonly value?: Value
  readonly index?: number
  readonly count?: number
  readonly delta?: TextDelta
  readonly target?: EventId
}

/** A decoded, verified event as the runtime handles it. */
export interface Event extends EventHeader, EventContent {
  readonly id: EventId
  readonly spaceId: SpaceId
  readonly public: boolean
  /** The signed bytes whose CID is `id`. */
  readonly bytes: Uint8Array
}

/** What an application submits. */
export type EventInput = Operation & {
  readonly path: string
  /** Default: `local` in `me`, `consensus` where the space declares that policy for the collection, else `team`. */
  readonly requires?: Requirement | readonly Requirement[]
  /** Compare-and-set for consensus documents: the document's heads must be just these. */
  readonly expect?: readonly string[]
  /** Extra causal parents. */
  readonly after?: readonly string[]
  /** Most that delivery may cost, in lamports. */
  readonly maxCost?: number
  /** Milliseconds since 1970 after which delivery is no longer tried. */
  readonly deadline?: number
  /** Skip encryption. */
  readonly public?: boolean
}

/** A row of the event log as devtools show it. */
export interface EventSummary {
  readonly id: EventId
  /** Order of arrival on this device, from 1. */
  readonly position: number
  readonly space: SpaceId
  readonly author: AuthorId
  readonly seq: number
  readonly time: HybridTime
  readonly path: StatePath
  readonly op: OperationName
  readonly needs: readonly Requirement[]
  readonly parents: readonly EventId[]
  readonly level: Level
  readonly networks: readonly Network[]
  readonly bytes: number
}
