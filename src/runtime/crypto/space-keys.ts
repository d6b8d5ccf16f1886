import { SpiceTimeError } from '../errors/spice-time-error.js'

export const SPACE_KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Bytes that sealing adds: nonce and authentication tag. */
export const SEAL_OVERHEAD = NONCE_BYTES + TAG_BYTES

/** Seals and opens the contents of one space in one key epoch. */
export interface SpaceCipher {
  /** AES-256-GCM (NIST SP 800-38D): `nonce (12) | ciphertext | tag (16)`, bound to the space. */
  seal(plaintext: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
  /** @throws SpiceTimeError CONTENT_UNREADABLE */
  open(sealed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
}

export async function createSpaceCipher(
  key: Uint8Array<ArrayBuffer>,
  reference: string,
  randomBytes: (length: number) => Uint8Array<ArrayBuffer>,
): Promise<SpaceCipher> {
  const imported = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt'])
  const additionalData = new TextEncoder().encode(reference)
  return {
    async seal(plaintext) {
      const iv = randomBytes(NONCE_BYTES)
      const ciphertext = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, imported, plaintext))
      const sealed = new Uint8Array(NONCE_BYTES + ciphertext.length)
      sealed.set(iv)
      sealed.set(ciphertext, NONCE_BYTES)
      return sealed
    },
    async open(sealed) {
      if (sealed.length < SEAL_OVERHEAD) throw unreadable()
      const iv = sealed.subarray(0, NONCE_BYTES)
      try {
        return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, imported, sealed.subarray(NONCE_BYTES)))
      } catch (error) {
        throw unreadable(error)
      }
    },
  }
}

/**
 * 32 bytes that all members can make and nobody else, by HKDF-SHA-256 (RFC 5869, no salt) of a space's key: they name the space on one network
 * and give the key away nowhere.
 */
export async function deriveNetworkSecret(key: Uint8Array<ArrayBuffer>, network: string): Promise<Uint8Array<ArrayBuffer>> {
  const imported = await crypto.subtle.importKey('raw', key, 'HKDF', false, ['deriveBits'])
  const info = new TextEncoder().encode(`spicetime/network/${network}`)
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }, imported, 256))
}

function unreadable(cause?: unknown): SpiceTimeError {
  return new SpiceTimeError(
    'CONTENT_UNREADABLE',
    "The event's content can't be opened with the space's key: it was sealed with another key or was damaged.",
    {},
    cause,
  )
}
