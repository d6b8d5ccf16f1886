import { authorIdFromBytes } from '../codec/event-id.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { AuthorId } from '../model/event.js'
import { generateAuthorPair } from './signing.js'

/** A key that an invite carries: whoever has the invite can prove it, and nobody else. */
export interface InvitationKey {
  readonly id: AuthorId
  /** PKCS #8. */
  readonly secret: Uint8Array<ArrayBuffer>
}

export async function makeInvitationKey(): Promise<InvitationKey> {
  const pair = await generateAuthorPair(true)
  return {
    id: authorIdFromBytes(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))),
    secret: new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey)),
  }
}

/** @throws SpiceTimeError INVITE_MALFORMED */
export async function signWithInvitation(
  secret: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  let key: CryptoKey
  try {
    key = await crypto.subtle.importKey('pkcs8', secret, { name: 'Ed25519' }, false, ['sign'])
  } catch (error) {
    throw new SpiceTimeError(
      'INVITE_MALFORMED',
      'The invite holds no valid key; it was cut short or changed on its way. Ask for a new one.',
      {},
      error,
    )
  }
  return new Uint8Array(await crypto.subtle.sign('Ed25519', key, bytes))
}
