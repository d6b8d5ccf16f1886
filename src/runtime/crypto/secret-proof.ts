/** Bytes of a proof. */
export const PROOF_BYTES = 32

/**
 * Shows that whoever made it has the secret, to those who have it too: HMAC-SHA-256 (RFC 2104, FIPS 198-1) over the statement. Others learn nothing from it.
 * @param secret 32 bytes
 */
export async function proveBySecret(secret: Uint8Array<ArrayBuffer>, statement: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', await keyOf(secret), statement))
}

/** Whether the proof was made with that secret, for that statement. */
export async function isProvenBySecret(
  secret: Uint8Array<ArrayBuffer>,
  statement: Uint8Array<ArrayBuffer>,
  proof: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  return await crypto.subtle.verify('HMAC', await keyOf(secret), proof, statement)
}

function keyOf(secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}
