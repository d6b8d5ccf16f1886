import { decodeFields, encode } from '../codec/dag-cbor.js'
import {
  authorIdFromBytes,
  authorIdToBytes,
  eventIdFromBytes,
  eventIdToBytes,
  parseAuthorId,
  referenceFromBytes,
  shortIdsToBytes,
} from '../codec/event-id.js'
import { readSuperseded } from '../codec/superseded-places.js'
import { fromBase32 } from '../codec/base32.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { SupersedingHead } from '../events/snapshot-source.js'
import type { AuthorId, HybridTime, SpaceReference } from '../model/event.js'
import { isRequirement } from '../model/network.js'
import type { Requirement } from '../model/network.js'
import { documentOf, parseEventPath } from '../model/path.js'
import { isValueList } from '../model/value.js'
import type { Value } from '../model/value.js'
import type { MergedDocument } from '../state/state-manager.js'

/**
 * What a snapshot's author signs: everything that the rest is held to.
 *
 * | key | value |
 * | --- | --- |
 * | v | 1 |
 * | space, author | 32 bytes each |
 * | at | milliseconds since 1970 when it was made |
 * | time | the latest hybrid time of an event that it covers |
 * | events | how many events it covers |
 * | needs | what those ask for of networks |
 * | mark | how far the author had pulled from the network that carries it, in that network's words |
 * | root | Merkle root over the ids of the merged events, see `rootOf` |
 * | bytes | length of the body before it was compressed |
 * | parts | SHA-256 of each part as it is published |
 */
export interface Manifest {
  readonly space: SpaceReference
  readonly author: AuthorId
  readonly at: number
  readonly time: HybridTime
  readonly events: number
  readonly needs: readonly Requirement[]
  readonly mark: string
  readonly root: Uint8Array
  readonly bytes: number
  readonly parts: readonly Uint8Array[]
}

/** What the parts hold, joined, opened and inflated. */
export interface SnapshotBody {
  /** The documents that the space's team merges. */
  readonly documents: readonly MergedDocument[]
  /** Hash prefixes of the events that are merged in them, sorted. */
  readonly ids: Uint8Array
  /** Signed events of all other documents, whole. */
  readonly carried: readonly Uint8Array[]
  /** The last event of each author's chain. */
  readonly tips: readonly Uint8Array[]
  /** Heads of the documents that superseded others, as far as there is room for them. */
  readonly heads: readonly SupersedingHead[]
  /** Events that wait, for others or for their time. */
  readonly waiting: readonly Uint8Array[]
}

/** Bytes of a body before it is compressed: bounds what a newcomer holds in memory at once. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024
/** Superseded events of heads: bounds what a newcomer writes for them. */
export const MAX_HEADS_SUPERSEDED = 65_536
const VERSION = 1
const PREFIX = new TextEncoder().encode('spicetime/snapshot/1\0')
const HASH_BYTES = 32

export function encodeManifest({ space, author, at, time, events, needs, mark, root, bytes, parts }: Manifest): Uint8Array<ArrayBuffer> {
  const manifest = {
    v: VERSION,
    space: fromBase32(space),
    author: authorIdToBytes(author),
    at,
    time,
    events,
    needs,
    mark,
    root,
    bytes,
    parts,
  }
  return encode(manifest)
}

/** @throws SpiceTimeError SNAPSHOT_REFUSED */
export function decodeManifest(encoded: Uint8Array): Manifest {
  const fields = readFields(encoded, 'its head')
  if (fields['v'] !== VERSION) throw refused(`its version is ${String(fields['v'])}, and this build reads version ${VERSION}`)
  const { space, author, mark, root, parts, needs } = fields
  const hashes = isValueList(parts) ? parts.filter((part) => part instanceof Uint8Array && part.length === HASH_BYTES) : []
  if (!(space instanceof Uint8Array) || !(author instanceof Uint8Array) || space.length !== HASH_BYTES || author.length !== HASH_BYTES)
    throw refused('its head names no space or no author')
  if (
    !(root instanceof Uint8Array) ||
    typeof mark !== 'string' ||
    !isValueList(needs) ||
    !isValueList(parts) ||
    hashes.length !== parts.length
  )
    throw refused('its head is incomplete')
  const bytes = countOf(fields['bytes'])
  if (bytes > MAX_BODY_BYTES) throw refused(`it says that it has ${bytes} bytes; at most ${MAX_BODY_BYTES} are read`)
  return {
    ...{ space: referenceFromBytes(space), author: parseAuthorId(authorIdFromBytes(author)), mark, root, bytes },
    ...{ at: countOf(fields['at']), time: countOf(fields['time']), events: countOf(fields['events']) },
    needs: needs.filter(isRequirement),
    parts: hashes.filter((hash) => hash instanceof Uint8Array),
  }
}

/** What the signature covers. */
export function signedBytes(manifest: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PREFIX.length + manifest.length)
  bytes.set(PREFIX)
  bytes.set(manifest, PREFIX.length)
  return bytes
}

export function encodeBody({ documents, ids, carried, tips, heads, waiting }: SnapshotBody): Uint8Array<ArrayBuffer> {
  const rows = documents.map(({ path, heads, updatedAt, update }) => [path, heads.map(eventIdToBytes), updatedAt, update])
  const superseding = heads.map(({ id, author, supersedes }) => [eventIdToBytes(id), authorIdToBytes(author), shortIdsToBytes(supersedes)])
  return encode({ documents: rows, ids, carried, tips, heads: superseding, waiting })
}

/** @throws SpiceTimeError SNAPSHOT_REFUSED */
export function decodeBody(encoded: Uint8Array): SnapshotBody {
  const { documents, ids, carried, tips, heads, waiting } = readFields(encoded, 'its body')
  if (!(ids instanceof Uint8Array) || !isValueList(documents) || !isValueList(heads)) throw refused('its body is incomplete')
  return {
    documents: documents.map(parseDocument),
    ids,
    carried: bytesIn(carried),
    tips: bytesIn(tips),
    heads: heads.map(parseHead),
    waiting: bytesIn(waiting),
  }
}

export function refused(why: string, cause?: unknown): SpiceTimeError {
  return new SpiceTimeError('SNAPSHOT_REFUSED', `A snapshot was refused: ${why}. The space's past is fetched instead.`, {}, cause)
}

function parseDocument(value: Value): MergedDocument {
  const [path, heads, updatedAt, update] = isValueList(value) ? value : []
  try {
    const document = documentOf(parseEventPath(path))
    const ids = isValueList(heads) ? heads.map((head) => eventIdFromBytes(head instanceof Uint8Array ? head : new Uint8Array())) : []
    if (document === undefined || document !== path || ids.length === 0 || !(update instanceof Uint8Array))
      throw refused('a document is incomplete')
    return { path: document, heads: ids, updatedAt: countOf(updatedAt), update }
  } catch (error) {
    throw refused('it holds a document that can not be read', error)
  }
}

function parseHead(value: Value): SupersedingHead {
  const [id, author, supersedes] = isValueList(value) ? value : []
  if (!(id instanceof Uint8Array) || !(author instanceof Uint8Array)) throw refused('a head is incomplete')
  try {
    return {
      id: eventIdFromBytes(id),
      author: parseAuthorId(authorIdFromBytes(author)),
      supersedes: readSuperseded(supersedes),
    }
  } catch (error) {
    throw refused('it holds a head that can not be read', error)
  }
}

function bytesIn(value: Value | undefined): readonly Uint8Array[] {
  const list = isValueList(value) ? value.filter((item) => item instanceof Uint8Array) : []
  if (!isValueList(value) || list.length !== value.length) throw refused('its body is incomplete')
  return list
}

function countOf(value: Value | undefined): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw refused('it has something else where a number belongs')
}

function readFields(encoded: Uint8Array, what: string): Readonly<Record<string, Value>> {
  try {
    return decodeFields(encoded)
  } catch (error) {
    throw refused(`${what} can not be read`, error)
  }
}
