import { authorIdFromBytes } from '../../codec/event-id.js'
import { generateAuthorPair, verifySignature } from '../../crypto/signing.js'
import { isKeyPair } from '../../storage/key-store.js'
import type { KeyStore } from '../../storage/key-store.js'
import type { PageServices } from '../provider-parts.js'
import { toBase58 } from './base58.js'
import { solanaError } from './solana-errors.js'
import { WALLET_SERVICE } from './wallet-service.js'

/** The account that pays the fees. It says nothing of who wrote the events. */
export interface Payer {
  readonly kind: 'burner' | 'wallet'
  /** Ed25519 public key, 32 bytes. */
  readonly key: Uint8Array<ArrayBuffer>
  /** The same in base 58, as people know it. */
  readonly address: string
  /** @throws SpiceTimeError PAGE_NEEDED, NETWORK_UNAUTHORIZED, ABORTED */
  sign(message: Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>
}

const BURNER_KEY_NAME = 'solana-payer'
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64

/** This device's own payer: a key that can't leave WebCrypto, made when it is first needed. @throws SpiceTimeError CRYPTO_UNAVAILABLE */
export async function loadBurner(keys: KeyStore): Promise<Payer> {
  const kept = await keys.get(BURNER_KEY_NAME)
  const pair = kept !== undefined && isKeyPair(kept) ? kept : await generateAuthorPair(keys.needsExtractable)
  if (pair !== kept) await keys.put(BURNER_KEY_NAME, pair)
  const key = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
  const sign: Payer['sign'] = async (message) => new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, message))
  return { kind: 'burner', key, address: toBase58(key), sign }
}

/**
 * The wallet that a page offers. The page is asked `{ kind: 'account' }`, for `{ publicKey: 32 bytes }`, and `{ kind: 'sign', message }` with the
 * bytes of a transaction's message, for `{ signature: 64 bytes }`.
 * @throws SpiceTimeError PAGE_NEEDED when no page offers one, NETWORK_UNAUTHORIZED on what is no key, ABORTED
 */
export async function loadWallet(pages: PageServices, signal?: AbortSignal): Promise<Payer> {
  const options = signal === undefined ? {} : { signal }
  const key = bytesOf(await pages.ask(WALLET_SERVICE, { kind: 'account' }, options), 'publicKey', KEY_BYTES)
  const address = toBase58(key)
  const sign: Payer['sign'] = async (message, signing) => {
    const answer = await pages.ask(WALLET_SERVICE, { kind: 'sign', message }, signing === undefined ? {} : { signal: signing })
    const signature = bytesOf(answer, 'signature', SIGNATURE_BYTES)
    if (await verifySignature(authorIdFromBytes(key), signature, message)) return signature
    throw solanaError(
      'NETWORK_UNAUTHORIZED',
      `The wallet did not sign with ${address} what it was asked to. Connect that account in the wallet again.`,
      {
        address,
      },
    )
  }
  return { kind: 'wallet', key, address, sign }
}

function bytesOf(answer: unknown, field: string, length: number): Uint8Array<ArrayBuffer> {
  const entries: readonly (readonly [string, unknown])[] = typeof answer === 'object' && answer !== null ? Object.entries(answer) : []
  const bytes = entries.find(([key]) => key === field)?.[1]
  if (bytes instanceof Uint8Array && bytes.length === length) return new Uint8Array(bytes)
  throw solanaError(
    'NETWORK_UNAUTHORIZED',
    `The page's wallet answered without a ${field} of ${length} bytes. Connect an account of Solana in the wallet.`,
  )
}
