import { authorIdFromBytes, authorIdToBytes } from '../codec/event-id.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { AuthorId } from '../model/event.js'

/** Where key pairs are kept: the same shape as `storage/key-store.ts`, so that crypto needs no storage. */
export interface KeyPairs {
  get(name: string): Promise<CryptoKeyPair | CryptoKey | undefined>
  put(name: string, key: CryptoKeyPair): Promise<void>
  /** Whether this keeper can only keep keys that leave WebCrypto as bytes (a file, where there is no IndexedDB). */
  readonly needsExtractable: boolean
}

/** This device's author: an Ed25519 key pair whose private half can't leave WebCrypto. */
export interface Author {
  readonly id: AuthorId
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
}

export const SIGNATURE_BYTES = 64
const AUTHOR_KEY_NAME = 'author'
const MAX_CACHED_KEYS = 256

/** Loads the device's author, or makes and keeps one. @throws SpiceTimeError CRYPTO_UNAVAILABLE */
export async function loadAuthor(keys: KeyPairs): Promise<Author> {
  const kept = await keys.get(AUTHOR_KEY_NAME)
  if (kept !== undefined && 'privateKey' in kept) return authorOf(kept)
  const pair = await generateAuthorPair(keys.needsExtractable)
  await keys.put(AUTHOR_KEY_NAME, pair)
  return authorOf(pair)
}

/** A new Ed25519 pair; the private key is not extractable. @throws SpiceTimeError CRYPTO_UNAVAILABLE */
export async function generateAuthorPair(extractable = false): Promise<CryptoKeyPair> {
  try {
    const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, extractable, ['sign', 'verify'])
    if ('privateKey' in pair) return pair
  } catch (error) {
    throw new SpiceTimeError(
      'CRYPTO_UNAVAILABLE',
      'This browser has no Ed25519 in WebCrypto, or the page is not in a secure context. Use https or localhost and a current browser.',
      {},
      error,
    )
  }
  throw new SpiceTimeError('CRYPTO_UNAVAILABLE', 'WebCrypto made no Ed25519 key pair.')
}

export async function authorOf(pair: CryptoKeyPair): Promise<Author> {
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
  const { privateKey } = pair
  return {
    id: authorIdFromBytes(raw),
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, bytes)),
  }
}

/** Imports of public keys are kept, since a space's few authors sign most of what arrives. */
const publicKeys = new Map<AuthorId, Promise<CryptoKey>>()

/** Whether the author's key made the signature. A key that is no point of the curve verifies nothing. */
export async function verifySignature(
  author: AuthorId,
  signature: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  if (signature.length !== SIGNATURE_BYTES) return false
  let key = publicKeys.get(author)
  if (key === undefined) {
    if (publicKeys.size >= MAX_CACHED_KEYS) publicKeys.clear()
    key = crypto.subtle.importKey('raw', authorIdToBytes(author), { name: 'Ed25519' }, false, ['verify'])
    publicKeys.set(author, key)
  }
  let imported: CryptoKey
  try {
    imported = await key
  } catch {
    // Not a swallowed failure: bytes that are no key can't have signed anything.
    publicKeys.delete(author)
    return false
  }
  return crypto.subtle.verify('Ed25519', imported, signature, bytes)
}
