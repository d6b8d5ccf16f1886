import type { AuthorId, EventId, ShortId, SpaceReference } from '../model/event.js'
import { fromBase32, toBase32 } from './base32.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'

/** CID version 1, codec dag-cbor (0x71), multihash sha2-256 (0x12) of 32 bytes: https://github.com/multiformats/cid */
const CID_PREFIX = [0x01, 0x71, 0x12, 0x20] as const
export const EVENT_ID_BYTES = 36
/** The space of events that never leave the device, in paths and on the wire. */
export const PRIVATE = 'me'
const EVENT_ID = /^b[a-z2-7]{58}$/
const KEY = /^[a-z2-7]{52}$/

/** The id that is being written: its prefix stays. */
const computed = new Uint8Array(EVENT_ID_BYTES)
computed.set(CID_PREFIX)

/** The EventId of signed event bytes. */
export async function computeEventId(bytes: Uint8Array<ArrayBuffer>): Promise<EventId> {
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  computed.set(new Uint8Array(digest), CID_PREFIX.length)
  return `b${toBase32(computed)}` as EventId
}

/** @throws SpiceTimeError EVENT_MALFORMED when the bytes are not a CID of our kind */
export function eventIdFromBytes(cid: Uint8Array): EventId {
  if (cid.length !== EVENT_ID_BYTES || CID_PREFIX.some((byte, index) => cid[index] !== byte)) {
    throw new SpiceTimeError(
      'EVENT_MALFORMED',
      'An event names another one by bytes that are no EventId; ask its author for a correct copy.',
    )
  }
  return `b${toBase32(cid)}` as EventId
}

/** Of an EventId, or of another CID of that kind. */
export function eventIdToBytes(id: string): Uint8Array<ArrayBuffer> {
  return fromBase32(id.slice(1))
}

/** @throws SpiceTimeError INPUT_MALFORMED */
export function parseEventId(text: unknown): EventId {
  if (typeof text === 'string' && EVENT_ID.test(text)) return text as EventId
  throw new SpiceTimeError('INPUT_MALFORMED', `'${String(text).slice(0, 80)}' is not an EventId (a CID that starts with 'bafyrei').`)
}

const SHORT_ID_BYTES = 8

export function shortIdOf(id: EventId): ShortId {
  return toBase32(eventIdToBytes(id).subarray(CID_PREFIX.length, CID_PREFIX.length + SHORT_ID_BYTES)) as ShortId
}

export function shortIdsToBytes(ids: readonly ShortId[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(ids.length * SHORT_ID_BYTES)
  ids.forEach((id, index) => bytes.set(fromBase32(id), index * SHORT_ID_BYTES))
  return bytes
}

/** Bytes that follow the last whole id are left out. */
export function shortIdsFromBytes(bytes: Uint8Array): readonly ShortId[] {
  return Array.from(
    { length: Math.floor(bytes.length / SHORT_ID_BYTES) },
    (_, index) => toBase32(bytes.subarray(index * SHORT_ID_BYTES, (index + 1) * SHORT_ID_BYTES)) as ShortId,
  )
}

export function authorIdFromBytes(key: Uint8Array): AuthorId {
  return toBase32(key) as AuthorId
}

export function authorIdToBytes(author: AuthorId): Uint8Array<ArrayBuffer> {
  return fromBase32(author)
}

/** @throws SpiceTimeError INPUT_MALFORMED */
export function parseAuthorId(text: unknown): AuthorId {
  if (typeof text === 'string' && KEY.test(text)) return text as AuthorId
  throw new SpiceTimeError('INPUT_MALFORMED', `'${String(text).slice(0, 80)}' is not an author (52 characters of base32).`)
}

export function referenceFromBytes(bytes: Uint8Array): SpaceReference {
  return toBase32(bytes) as SpaceReference
}
