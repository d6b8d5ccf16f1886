import { authorIdToBytes } from '../../codec/event-id.js'
import type { Author } from '../../crypto/signing.js'
import { rawAgent } from './batch.js'
import type { BatchPlace } from './batch.js'

/** A part of a snapshot, or the head that leads to its parts. The Rust twin is `holochain/zomes/integrity/src/snapshot.rs`. */
export interface SnapshotPiece {
  readonly version: number
  /** 32 bytes, the Ed25519 public key of this device's call key. */
  readonly author: Uint8Array
  /** 64 bytes over {@link signedPiece}. */
  readonly signature: Uint8Array
  /** Actions of 39 bytes, in their order; none in a part. */
  readonly parts: readonly Uint8Array[]
  readonly bytes: Uint8Array
}

export const SNAPSHOT_VERSION = 1
const PREFIX = new TextEncoder().encode('spicetime/snapshot/1\0')
const HASH_BYTES = 39

/** Signs a piece for one space and one agent. */
export async function makePiece(
  author: Author,
  place: BatchPlace,
  { parts = [], bytes }: { readonly parts?: readonly Uint8Array[]; readonly bytes: Uint8Array },
): Promise<SnapshotPiece> {
  const signature = await author.sign(signedPiece(place, parts, bytes))
  return { version: SNAPSHOT_VERSION, author: authorIdToBytes(author.id), signature, parts, bytes }
}

/** Prefix, space, the agent's key without its type and location, the number of parts (four bytes, big-endian), each part's action, the bytes. */
export function signedPiece({ space, agent }: BatchPlace, parts: readonly Uint8Array[], bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const start = PREFIX.length + 64 + 4
  const signed = new Uint8Array(start + parts.length * HASH_BYTES + bytes.length)
  signed.set(PREFIX)
  signed.set(space, PREFIX.length)
  signed.set(rawAgent(agent), PREFIX.length + 32)
  new DataView(signed.buffer).setUint32(start - 4, parts.length)
  for (const [index, part] of parts.entries()) signed.set(part, start + index * HASH_BYTES)
  signed.set(bytes, start + parts.length * HASH_BYTES)
  return signed
}
