import * as raw from 'multiformats/codecs/raw'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { toBase32 } from '../../codec/base32.js'
import { contentDamaged } from './ipfs-errors.js'

/** Codecs of what is kept: https://github.com/multiformats/multicodec/blob/master/table.csv */
export const RAW: number = raw.code
export const DAG_PB = 0x70
export const DAG_CBOR = 0x71
const KNOWN: readonly number[] = [RAW, DAG_PB, DAG_CBOR]
const DIGEST_BYTES = 32

/**
 * The CID that a text is: version 1, sha2-256, of a leaf, a file's node or a dag-cbor block.
 * @throws SpiceTimeError CONTENT_DAMAGED
 */
export function parseCid(text: string): CID {
  const cid = tryParse(text)
  if (cid === undefined) throw contentDamaged(text, 'that is no CID')
  return checkedCid(cid)
}

/** @throws SpiceTimeError CONTENT_DAMAGED when it is no CID of the kind that is kept here */
export function checkedCid(cid: CID): CID {
  if (cid.version === 1 && KNOWN.includes(cid.code) && cid.multihash.code === sha256.code && cid.multihash.digest.length === DIGEST_BYTES)
    return cid
  throw contentDamaged(cid.toString(), 'it names a block in a way that is not used here (a CID of version 1 with sha2-256 is)')
}

/** What the block store calls a block. */
export function blockName(cid: CID): string {
  return toBase32(cid.multihash.bytes)
}

export async function cidOf(codec: number, bytes: Uint8Array): Promise<CID> {
  return CID.createV1(codec, await sha256.digest(bytes))
}

/** Whether the bytes are those that the CID names. */
export async function isOf(cid: CID, bytes: Uint8Array): Promise<boolean> {
  const { digest } = await sha256.digest(bytes)
  return digest.every((byte, at) => byte === cid.multihash.digest[at])
}

function tryParse(text: string): CID | undefined {
  try {
    return CID.parse(text)
  } catch {
    return undefined
  }
}
