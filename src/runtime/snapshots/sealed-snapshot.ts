import { decodeFields, encode } from '../codec/dag-cbor.js'
import { verifySignature } from '../crypto/signing.js'
import type { Author } from '../crypto/signing.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { SpaceAccess } from '../events/snapshot-source.js'
import type { SnapshotPieces } from '../networks/provider.js'
import { deflate, inflate } from './deflate.js'
import { decodeBody, decodeManifest, encodeBody, encodeManifest, MAX_BODY_BYTES, refused, signedBytes } from './snapshot-format.js'
import type { Manifest, SnapshotBody } from './snapshot-format.js'

/** Bytes that sealing, and what surrounds a part, may add. */
const OVERHEAD = 64

export interface Limits {
  readonly maxPartBytes: number
  readonly maxParts: number
}

export interface OpenedSnapshot {
  readonly manifest: Manifest
  readonly body: SnapshotBody
}

/**
 * Compresses, splits, seals and signs. A part is `epoch (u32), nonce, ciphertext, tag`; the head is the dag-cbor map `{ v, epoch, sealed }` over
 * `{ manifest, sig }`.
 * @returns undefined when it is more than the network takes
 */
export async function sealSnapshot(
  body: SnapshotBody,
  said: Omit<Manifest, 'author' | 'bytes' | 'parts'>,
  by: { readonly author: Author; readonly access: SpaceAccess; readonly limits: Limits },
): Promise<SnapshotPieces | undefined> {
  const { author, access, limits } = by
  const { sealing } = access
  if (sealing === undefined) return undefined
  const plain = encodeBody(body)
  const packed = await deflate(plain)
  const size = limits.maxPartBytes - OVERHEAD
  if (plain.length > MAX_BODY_BYTES || packed.length > size * limits.maxParts) return undefined
  const parts: Uint8Array<ArrayBuffer>[] = []
  for (let start = 0; start < packed.length; start += size)
    parts.push(withEpoch(sealing.epoch, await sealing.cipher.seal(packed.slice(start, start + size))))
  const manifest = encodeManifest({ ...said, author: author.id, bytes: plain.length, parts: await Promise.all(parts.map(hash)) })
  const sig = await author.sign(signedBytes(manifest))
  const head = encode({ v: 1, epoch: sealing.epoch, sealed: await sealing.cipher.seal(encode({ manifest, sig })) })
  return head.length > limits.maxPartBytes ? undefined : { head, parts }
}

/**
 * Opens a snapshot and holds it to its author's signature, and its parts to that. Whether its author may speak for the space, and whether what it
 * says fits together, is the caller's to ask.
 * @throws SpiceTimeError SNAPSHOT_REFUSED
 */
export async function openSnapshot({ head, parts }: SnapshotPieces, access: SpaceAccess): Promise<OpenedSnapshot> {
  const manifest = await openHead(head, access)
  if (manifest.space !== access.wire) throw refused('it is of another space')
  if (parts.length !== manifest.parts.length) throw refused(`${parts.length} of its ${manifest.parts.length} parts are here`)
  const opened: Uint8Array[] = []
  for (const [index, part] of parts.entries()) {
    const copy = new Uint8Array(part)
    if (!isEqual(await hash(copy), manifest.parts[index] ?? new Uint8Array()))
      throw refused(`its part ${index} is another one than it names`)
    if (copy.length < 4) throw refused(`its part ${index} is empty`)
    opened.push(await unseal(new DataView(copy.buffer).getUint32(0), copy.slice(4), access))
  }
  const body = await inflate(join(opened), manifest.bytes)
  if (body === undefined) throw refused('its body is damaged')
  return { manifest, body: decodeBody(body) }
}

async function openHead(head: Uint8Array, access: SpaceAccess): Promise<Manifest> {
  const { epoch, sealed } = fieldsOf(head)
  if (typeof epoch !== 'number' || !(sealed instanceof Uint8Array)) throw refused('its head is no head')
  const { manifest, sig } = fieldsOf(await unseal(epoch, new Uint8Array(sealed), access))
  if (!(manifest instanceof Uint8Array) || !(sig instanceof Uint8Array)) throw refused('its head is incomplete')
  const decoded = decodeManifest(manifest)
  if (!(await verifySignature(decoded.author, new Uint8Array(sig), signedBytes(manifest))))
    throw new SpiceTimeError('SIGNATURE_INVALID', 'A snapshot was refused: it is not signed by the author it names.')
  return decoded
}

async function unseal(epoch: number, sealed: Uint8Array<ArrayBuffer>, access: SpaceAccess): Promise<Uint8Array<ArrayBuffer>> {
  const cipher = access.cipherOf(epoch)
  if (cipher === undefined) throw refused(`it was sealed with key ${epoch} of the space, which this device does not have`)
  try {
    return await cipher.open(sealed)
  } catch (error) {
    throw refused("it can not be opened with the space's key", error)
  }
}

function fieldsOf(bytes: Uint8Array): ReturnType<typeof decodeFields> {
  try {
    return decodeFields(bytes)
  } catch (error) {
    throw refused('its head can not be read', error)
  }
}

function withEpoch(epoch: number, sealed: Uint8Array): Uint8Array<ArrayBuffer> {
  const part = new Uint8Array(4 + sealed.length)
  new DataView(part.buffer).setUint32(0, epoch)
  part.set(sealed, 4)
  return part
}

async function hash(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

function join(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

export function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
