import { encode } from '@msgpack/msgpack'
import { authorOf, generateAuthorPair } from '../../crypto/signing.js'
import type { Author } from '../../crypto/signing.js'
import { isKeyPair } from '../../storage/key-store.js'
import type { KeyStore } from '../../storage/key-store.js'
import type { Platform } from '../../platform/platform.js'
import type { OpenCell } from './endpoint.js'

const KEY_NAME = 'calls'
/** What an agent's key begins with, and where nothing says where it lies: https://docs.rs/holo_hash */
const AGENT_PREFIX = [132, 32, 36]
const NO_LOCATION = [0, 0, 0, 0]
const NONCE_BYTES = 32
/** Microseconds that a signed call may take to arrive. */
const CALL_LIFE = 5 * 60 * 1_000_000

export interface ZomeCall {
  readonly cell: OpenCell
  readonly zome: string
  readonly name: string
  readonly payload: unknown
}

/** A call as the conductor takes it. */
export interface SignedCall {
  readonly bytes: Uint8Array
  readonly signature: Uint8Array
}

/** This device's key on Holochain: signs the calls of its cells' functions, and its batches. It can't leave WebCrypto. */
export class CallKey {
  /** Signs batches. */
  readonly author: Author
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  readonly #platform: Platform

  private constructor(author: Author, publicKey: Uint8Array, platform: Platform) {
    this.author = author
    this.publicKey = publicKey
    this.#platform = platform
  }

  /** @throws SpiceTimeError CRYPTO_UNAVAILABLE */
  static async load(keys: KeyStore, platform: Platform): Promise<CallKey> {
    const kept = await keys.get(KEY_NAME)
    const pair = kept !== undefined && isKeyPair(kept) ? kept : await generateAuthorPair(keys.needsExtractable)
    if (pair !== kept) await keys.put(KEY_NAME, pair)
    const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
    return new CallKey(await authorOf(pair), publicKey, platform)
  }

  /** As an agent's key, 39 bytes. */
  get signingKey(): Uint8Array {
    return Uint8Array.from([...AGENT_PREFIX, ...this.publicKey, ...NO_LOCATION])
  }

  /** As `signZomeCall` of @holochain/client does with a key that it holds itself: Ed25519 over the SHA-512 of the call's msgpack. */
  async sign({ cell, zome, name, payload }: ZomeCall): Promise<SignedCall> {
    const bytes = encode({
      cap_secret: cell.secret,
      cell_id: [cell.dna, cell.agent],
      zome_name: zome,
      fn_name: name,
      provenance: this.signingKey,
      payload: encode(payload),
      nonce: this.#platform.randomBytes(NONCE_BYTES),
      expires_at: this.#platform.now() * 1_000 + CALL_LIFE,
    })
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-512', bytes))
    return { bytes, signature: await this.author.sign(hash) }
  }
}
