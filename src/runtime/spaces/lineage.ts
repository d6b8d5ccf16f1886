import { parseAuthorId } from '../codec/event-id.js'
import { verifySignature } from '../crypto/signing.js'
import type { AuthorId, SpaceReference } from '../model/event.js'
import { isValueList, isValueMap } from '../model/value.js'
import type { Value } from '../model/value.js'

/** How one author came in: `inviter` granted `invitation` (a key), whose holder proved it for `author`. */
export interface Admission {
  readonly author: AuthorId
  readonly inviter: AuthorId
  readonly invitation: AuthorId
  /** The inviter's signature over the invitation key. */
  readonly grant: Uint8Array<ArrayBuffer>
  /** The invitation key's signature over the author. */
  readonly proof: Uint8Array<ArrayBuffer>
}

/** From the joiner back to one whom the founder invited: checkable by itself, in whatever order events arrive. */
export type Lineage = readonly Admission[]
export const MAX_LINEAGE = 32

const text = new TextEncoder()

export function grantBytes(reference: SpaceReference, invitation: AuthorId): Uint8Array<ArrayBuffer> {
  return text.encode(`spicetime/invitation/${reference}/${invitation}`) as Uint8Array<ArrayBuffer>
}

export function proofBytes(reference: SpaceReference, author: AuthorId): Uint8Array<ArrayBuffer> {
  return text.encode(`spicetime/join/${reference}/${author}`) as Uint8Array<ArrayBuffer>
}

/** Why a lineage does not lead from the author to the founder; undefined when it does. */
export async function faultOf(
  lineage: Lineage,
  space: { readonly reference: SpaceReference; readonly founder: AuthorId },
  author: AuthorId,
): Promise<string | undefined> {
  if (lineage.length === 0 || lineage.length > MAX_LINEAGE) return `its invitation chain has ${lineage.length} links`
  let expected = author
  for (const link of lineage) {
    if (link.author !== expected) return 'its invitation was made out to somebody else'
    const granted = await verifySignature(link.inviter, link.grant, grantBytes(space.reference, link.invitation))
    const proven = await verifySignature(link.invitation, link.proof, proofBytes(space.reference, link.author))
    if (!granted || !proven) return 'its invitation is not signed by the one who is said to have given it'
    expected = link.inviter
  }
  return expected === space.founder ? undefined : 'its invitation does not lead back to the founder'
}

export function lineageToValue(lineage: Lineage): Value {
  return lineage.map((link) => ({ ...link }))
}

/** undefined when the value is no lineage. */
export function lineageFromValue(value: Value | undefined): Lineage | undefined {
  if (!isValueList(value)) return undefined
  const links = value.flatMap((link) => parseAdmission(link))
  return links.length === value.length ? links : undefined
}

function parseAdmission(value: Value): Admission[] {
  if (!isValueMap(value)) return []
  const { author, inviter, invitation, grant, proof } = value
  if (!(grant instanceof Uint8Array) || !(proof instanceof Uint8Array)) return []
  try {
    return [
      {
        author: parseAuthorId(author),
        inviter: parseAuthorId(inviter),
        invitation: parseAuthorId(invitation),
        grant: new Uint8Array(grant),
        proof: new Uint8Array(proof),
      },
    ]
  } catch {
    // Ids that don't parse make it no lineage, which the caller refuses with its own words.
    return []
  }
}
