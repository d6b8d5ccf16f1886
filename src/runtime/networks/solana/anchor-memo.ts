import { eventIdFromBytes, eventIdToBytes, parseEventId } from '../../codec/event-id.js'
import { isProvenBySecret, proveBySecret, PROOF_BYTES } from '../../crypto/secret-proof.js'
import { fromBase94, toBase94 } from './base94.js'
import { CID_PREFIX, DIGEST_BYTES, MARK } from './memo-format.js'
import { unpackable } from './packed-bytes.js'

/**
 * A list of events that storage keeps, as the text of an SPL Memo: `S2` and, in base 94,
 *
 *     digest (32) | proof (32)
 *
 * The digest is all of the list's CID that differs from one list to another: a list is a dag-cbor block named by SHA-256, as an event is. The proof is made
 * with the space's secret for this network, so a reader tells members' anchors from strangers' before it fetches anything, and one that is copied to
 * another space proves nothing there. docs/decisions/0017.
 */
export const ANCHOR_VERSION = '2'
const LABEL = new TextEncoder().encode('spicetime/solana/anchor/1')

/** @param cid of the list @param secret the space's for this network, 32 bytes @throws SpiceTimeError INPUT_MALFORMED, EVENT_MALFORMED for a CID of another kind */
export async function anchorMemo(cid: string, secret: Uint8Array): Promise<string> {
  const digest = eventIdToBytes(eventIdFromBytes(eventIdToBytes(parseEventId(cid)))).slice(CID_PREFIX.length)
  const proof = await proveBySecret(new Uint8Array(secret), statementOf(digest))
  return MARK + ANCHOR_VERSION + toBase94(Uint8Array.of(...digest, ...proof))
}

/** The list's CID; undefined where nobody who has the secret wrote the memo. @throws SpiceTimeError EVENT_MALFORMED */
export async function readAnchor(text: string, secret: Uint8Array): Promise<string | undefined> {
  const bytes = fromBase94(text.slice(MARK.length + ANCHOR_VERSION.length))
  if (bytes.length !== DIGEST_BYTES + PROOF_BYTES)
    throw unpackable(`an anchor has ${DIGEST_BYTES + PROOF_BYTES} bytes, not ${bytes.length}`)
  const digest = bytes.slice(0, DIGEST_BYTES)
  if (!(await isProvenBySecret(new Uint8Array(secret), statementOf(digest), bytes.slice(DIGEST_BYTES)))) return undefined
  return eventIdFromBytes(Uint8Array.of(...CID_PREFIX, ...digest))
}

export function isAnchor(text: string): boolean {
  return text.startsWith(MARK + ANCHOR_VERSION)
}

function statementOf(digest: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(...LABEL, ...digest)
}
