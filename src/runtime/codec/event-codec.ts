import { decode, encode } from './dag-cbor.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import { EVENT_VERSION, firstSeq, MAX_EVENT_BYTES, MAX_PARENTS } from '../model/event.js'
import type { EventContent, EventHeader, EventId } from '../model/event.js'
import { isRequirement } from '../model/network.js'
import type { Requirement } from '../model/network.js'
import { contentFields, parseContent } from './content-codec.js'
import {
  authorIdFromBytes,
  authorIdToBytes,
  eventIdFromBytes,
  eventIdToBytes,
  PRIVATE,
  referenceFromBytes,
  shortIdsToBytes,
} from './event-id.js'
import { checkSuperseded, readSuperseded } from './superseded-places.js'
import { fromBase32 } from './base32.js'

/**
 * The signed form of an event is one canonical dag-cbor map. Ids are the 36 bytes of the CID rather than links, so that pinning one event
 * does not pin its author's whole past.
 *
 * | key | value |
 * | --- | --- |
 * | v | 1 |
 * | space | `"me"`, or the 32 bytes of the space's reference |
 * | author | 32 bytes, the Ed25519 public key |
 * | seq, time | integers |
 * | previous | id bytes; absent in what takes the chain's first place |
 * | parents, expect | lists of id bytes, sorted; the last may be absent |
 * | supersedes | may be absent; the first 8 bytes of the digests of the events whose places it takes, in their order: `superseded-places.ts` |
 * | needs | list of requirement names |
 * | epoch, body | sealed: the key epoch and `nonce, ciphertext, tag` over the dag-cbor map `{path, op, body}` |
 * | path, op, body | open (public, or in `me`): the same three in the clear |
 * | sig | 64 bytes, Ed25519 over the canonical map without `sig` |
 *
 * A body that does not fit is the map `{bodyCid: {cid, size, salt?}}`, which names the block of `body-block.ts`.
 */
export type EventPayload =
  | { readonly kind: 'open'; readonly content: EventContent }
  | { readonly kind: 'sealed'; readonly epoch: number; readonly sealed: Uint8Array<ArrayBuffer> }

export interface DecodedEvent {
  readonly header: EventHeader
  readonly payload: EventPayload
  /** What the signature covers. */
  readonly unsigned: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
  readonly bytes: Uint8Array<ArrayBuffer>
}

const SIGNATURE_ENTRY = [0x63, 0x73, 0x69, 0x67, 0x58, 0x40] as const
const SIGNATURE_ENTRY_BYTES = SIGNATURE_ENTRY.length + 64
const KNOWN_KEYS = new Set([
  'v',
  'space',
  'author',
  'seq',
  'previous',
  'parents',
  'time',
  'needs',
  'expect',
  'supersedes',
  'epoch',
  'body',
  'path',
  'op',
  'sig',
])

/** Whether what the author signs makes an event that networks take. */
export function fitsSigned(unsigned: Uint8Array): boolean {
  return unsigned.length + SIGNATURE_ENTRY_BYTES <= MAX_EVENT_BYTES
}

/** The bytes that the author signs. */
export function encodeUnsigned(header: EventHeader, payload: EventPayload): Uint8Array<ArrayBuffer> {
  const content = payload.kind === 'open' ? contentFields(payload.content) : undefined
  // In canonical order, so that nothing has to be sorted.
  return encode({
    v: header.v,
    op: content?.op,
    seq: header.seq,
    body: payload.kind === 'sealed' ? payload.sealed : content?.body,
    path: content?.path,
    time: header.time,
    epoch: payload.kind === 'sealed' ? payload.epoch : undefined,
    needs: header.needs,
    space: header.space === PRIVATE ? header.space : fromBase32(header.space),
    author: authorIdToBytes(header.author),
    expect: header.expect?.map(eventIdToBytes),
    parents: header.parents.map(eventIdToBytes),
    previous: header.previous === undefined ? undefined : eventIdToBytes(header.previous),
    supersedes: header.supersedes === undefined ? undefined : shortIdsToBytes(header.supersedes),
  })
}

/**
 * Puts the signature where canonical key order wants it (shorter keys first, then bytewise: `v`, `op`, `seq`, `sig`).
 * @throws SpiceTimeError EVENT_TOO_LARGE
 */
export function attachSignature(
  header: EventHeader,
  payload: EventPayload,
  parts: { unsigned: Uint8Array; signature: Uint8Array },
): Uint8Array<ArrayBuffer> {
  const { unsigned, signature } = parts
  const size = unsigned.length + SIGNATURE_ENTRY_BYTES
  if (!fitsSigned(unsigned)) {
    throw new SpiceTimeError(
      'EVENT_TOO_LARGE',
      `The event has ${size} bytes; at most ${MAX_EVENT_BYTES} fit. Split the value over several documents, or keep large content as a file.`,
      { bytes: size, limit: MAX_EVENT_BYTES },
    )
  }
  const at = signatureOffset(header, payload)
  const bytes = new Uint8Array(size)
  bytes.set(unsigned.subarray(0, at))
  // A map of fewer than 24 entries has its count in the low bits of its first byte.
  bytes[0] = (unsigned[0] ?? 0) + 1
  bytes.set(SIGNATURE_ENTRY, at)
  bytes.set(signature, at + SIGNATURE_ENTRY.length)
  bytes.set(unsigned.subarray(at), at + SIGNATURE_ENTRY_BYTES)
  return bytes
}

/**
 * Reads signed bytes strictly: known keys only, canonical form only. Checks neither signature nor id.
 * @throws SpiceTimeError EVENT_TOO_LARGE, EVENT_VERSION_UNKNOWN, EVENT_MALFORMED
 */
export function decodeEvent(bytes: Uint8Array<ArrayBuffer>): DecodedEvent {
  if (bytes.length > MAX_EVENT_BYTES) {
    throw new SpiceTimeError('EVENT_TOO_LARGE', `An event of ${bytes.length} bytes was received; at most ${MAX_EVENT_BYTES} are allowed.`, {
      bytes: bytes.length,
    })
  }
  const map = decodeMap(bytes)
  if (map['v'] !== EVENT_VERSION) {
    throw new SpiceTimeError(
      'EVENT_VERSION_UNKNOWN',
      `An event of version ${String(map['v'])} was received; this build reads version ${EVENT_VERSION}. Update the application.`,
    )
  }
  const stranger = Object.keys(map).find((key) => !KNOWN_KEYS.has(key))
  if (stranger !== undefined) throw malformed(`it has an unknown key '${stranger}'`)
  const header = parseHeader(map)
  const payload = parsePayload(map)
  const unsigned = encodeUnsigned(header, payload)
  const signature = bytesOf(map, 'sig', 64)
  if (!equalBytes(attachSignature(header, payload, { unsigned, signature }), bytes)) throw malformed('it is not canonical dag-cbor')
  return { header, payload, unsigned, signature, bytes }
}

function signatureOffset(header: EventHeader, payload: EventPayload): number {
  const op = payload.kind === 'open' ? 3 + 1 + payload.content.op.length : 0
  return 1 + 3 + op + 4 + integerBytes(header.seq)
}

function integerBytes(value: number): number {
  if (value < 24) return 1
  if (value < 0x100) return 2
  if (value < 0x10000) return 3
  return value < 0x100000000 ? 5 : 9
}

type WireMap = Readonly<Record<string, unknown>>

function decodeMap(bytes: Uint8Array): WireMap {
  let decoded: unknown
  try {
    decoded = decode(bytes)
  } catch (error) {
    throw new SpiceTimeError('EVENT_MALFORMED', 'An event was refused: its bytes are not dag-cbor.', {}, error)
  }
  if (!isWireMap(decoded)) throw malformed('it is not a map')
  return decoded
}

function isWireMap(value: unknown): value is WireMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

function parseHeader(map: WireMap): EventHeader {
  const seq = integerOf(map, 'seq')
  const previous = map['previous']
  const supersedes = map['supersedes'] === undefined ? undefined : readSuperseded(map['supersedes'])
  if ((firstSeq({ seq, ...(supersedes === undefined ? {} : { supersedes }) }) === 0) !== (previous === undefined))
    throw malformed("'previous' must be there for every event but the author's first")
  const header: EventHeader = {
    v: EVENT_VERSION,
    space: map['space'] === PRIVATE ? PRIVATE : referenceFromBytes(bytesOf(map, 'space', 32)),
    author: authorIdFromBytes(bytesOf(map, 'author', 32)),
    seq,
    ...(previous === undefined ? {} : { previous: eventIdFromBytes(bytesOf(map, 'previous', 36)) }),
    parents: idsOf(map, 'parents'),
    time: integerOf(map, 'time'),
    needs: needsOf(map),
    ...(map['expect'] === undefined ? {} : { expect: idsOf(map, 'expect') }),
    ...(supersedes === undefined ? {} : { supersedes }),
  }
  if (supersedes !== undefined) checkSuperseded(header, supersedes)
  return header
}

function parsePayload(map: WireMap): EventPayload {
  const body = map['body']
  if (!(body instanceof Uint8Array)) return { kind: 'open', content: parseContent(map) }
  if (map['path'] !== undefined || map['op'] !== undefined) throw malformed('a sealed event carries a path or operation in the clear')
  return { kind: 'sealed', epoch: integerOf(map, 'epoch'), sealed: new Uint8Array(body) }
}

function bytesOf(map: WireMap, key: string, length: number): Uint8Array<ArrayBuffer> {
  const value = map[key]
  if (!(value instanceof Uint8Array) || value.length !== length) throw malformed(`'${key}' is not ${length} bytes`)
  return new Uint8Array(value)
}

function integerOf(map: WireMap, key: string): number {
  const value = map[key]
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw malformed(`'${key}' is not a natural number`)
  return value
}

function idsOf(map: WireMap, key: string): readonly EventId[] {
  const list = map[key]
  if (!Array.isArray(list) || list.length > MAX_PARENTS) throw malformed(`'${key}' is not a list of at most ${MAX_PARENTS} ids`)
  const ids = list.map((item: unknown) => {
    if (!(item instanceof Uint8Array)) throw malformed(`'${key}' holds something that is no id`)
    return eventIdFromBytes(item)
  })
  if (ids.some((id, index) => index > 0 && id <= (ids[index - 1] ?? ''))) throw malformed(`'${key}' is not sorted, or names an event twice`)
  return ids
}

function needsOf(map: WireMap): readonly Requirement[] {
  const list = map['needs']
  if (!Array.isArray(list) || list.length === 0 || list.length > 4) throw malformed("'needs' is not a list of requirements")
  const needs = list.filter(isRequirement)
  if (needs.length !== list.length || new Set(needs).size !== needs.length)
    throw malformed("'needs' holds an unknown or repeated requirement")
  return needs
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  // Not `every`: a call for each byte.
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

function malformed(why: string): SpiceTimeError {
  return new SpiceTimeError('EVENT_MALFORMED', `An event was refused: ${why}.`)
}
