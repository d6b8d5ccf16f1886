import { SpiceTimeError } from '../errors/spice-time-error.js'

/** Bytes that sealing adds to a chunk: the authentication tag. */
export const CHUNK_TAG_BYTES = 16
export const FILE_SALT_BYTES = 32
const NONCE_BYTES = 12
const DIGEST_BYTES = 32

/** A chunk's place in its file: what it is sealed with, so that it opens nowhere else. */
export interface ChunkPlace {
  readonly index: number
  /** Whether the file ends with it. */
  readonly last: boolean
}

/** Seals and opens the chunks of one file. */
export interface FileCipher {
  /** Never two different plaintexts at one place. */
  seal(plaintext: Uint8Array<ArrayBuffer>, place: ChunkPlace): Promise<Uint8Array<ArrayBuffer>>
  /** @throws SpiceTimeError CONTENT_DAMAGED: changed, of another file, from another place, or the file was cut short or drawn out */
  open(sealed: Uint8Array<ArrayBuffer>, place: ChunkPlace): Promise<Uint8Array<ArrayBuffer>>
}

/**
 * The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, CRYPTO 2015, in the
 * layout of age): AES-256-GCM by chunks under a key of the file's own, HKDF-SHA-256 (RFC 5869) of the space's key and the salt; the nonce is the chunk's
 * number (11 bytes, big endian) and one byte that says whether it is the last.
 */
export async function createFileCipher(key: Uint8Array<ArrayBuffer>, salt: Uint8Array): Promise<FileCipher> {
  const secret = await crypto.subtle.importKey('raw', key, 'HKDF', false, ['deriveKey'])
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(salt), info: new TextEncoder().encode('spicetime/file/1') }
  const fileKey = await crypto.subtle.deriveKey(derivation, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  return {
    async seal(plaintext, place) {
      return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonceOf(place) }, fileKey, plaintext))
    },
    async open(sealed, place) {
      try {
        return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonceOf(place) }, fileKey, sealed))
      } catch (error) {
        throw new SpiceTimeError(
          'CONTENT_DAMAGED',
          `Part ${place.index + 1} of a file is not what was put there: it was changed, moved or cut. Put the file again from a device that has it.`,
          { chunk: place.index },
          error,
        )
      }
    },
  }
}

/** Says that this device lacks the key of that epoch. */
export function fileKeyMissing(space: string, epoch: number): SpiceTimeError {
  return new SpiceTimeError(
    'CONTENT_UNREADABLE',
    `A file was sealed with key ${epoch} of the space '${space}', which this device does not have. Ask a member for a new invite.`,
    { space },
  )
}

/** SHA-256 of a chunk. */
export async function digestChunk(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

/** The salt of a file that was read before: SHA-256 over the digests of its chunks, in order. Other content, other salt. */
export async function saltOf(digests: readonly Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  const all = new Uint8Array(digests.length * DIGEST_BYTES)
  for (const [index, digest] of digests.entries()) all.set(digest, index * DIGEST_BYTES)
  return await digestChunk(all)
}

function nonceOf({ index, last }: ChunkPlace): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(NONCE_BYTES)
  new DataView(nonce.buffer).setBigUint64(3, BigInt(index))
  nonce[NONCE_BYTES - 1] = last ? 1 : 0
  return nonce
}
