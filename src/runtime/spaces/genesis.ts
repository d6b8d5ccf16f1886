import { encode } from '../codec/dag-cbor.js'
import { authorIdToBytes, referenceFromBytes } from '../codec/event-id.js'
import type { AuthorId, SpaceReference } from '../model/event.js'
import type { SpaceId } from '../model/path.js'
import type { MergePolicy } from '../model/state.js'

/** What fixes a space for ever. Its reference is the SHA-256 of this in dag-cbor, so an invite can't claim another founder or other policies. */
export interface Genesis {
  readonly id: SpaceId
  readonly founder: AuthorId
  readonly nonce: Uint8Array
  readonly policies: { readonly [collection: string]: MergePolicy }
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

export const GENESIS_NONCE_BYTES = 16

export async function referenceOf({ id, founder, nonce, policies, createdAt }: Genesis): Promise<SpaceReference> {
  const bytes = encode({ id, founder: authorIdToBytes(founder), nonce, policies, createdAt })
  return referenceFromBytes(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}
