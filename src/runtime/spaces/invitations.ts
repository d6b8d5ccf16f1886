import { decodeFields, encode } from '../codec/dag-cbor.js'
import { makeInvitationKey, signWithInvitation } from '../crypto/invitation-key.js'
import type { Author } from '../crypto/signing.js'
import { parseAuthorId, PRIVATE } from '../codec/event-id.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { AuthorId, SpaceReference } from '../model/event.js'
import type { SpaceId } from '../model/path.js'
import type { Space } from '../model/space.js'
import type { Value } from '../model/value.js'
import { referenceOf } from './genesis.js'
import { faultOf, grantBytes, proofBytes } from './lineage.js'
import { malformed, parseSpaceRecord } from './space-record.js'
import type { SpaceRecord } from './space-record.js'

/** What the fragment of an invite link holds. The secret proves the invitation; it gives nobody the inviter's name. */
interface Invite {
  readonly record: SpaceRecord
  readonly inviter: AuthorId
  readonly invitation: AuthorId
  readonly grant: Uint8Array<ArrayBuffer>
  readonly secret: Uint8Array<ArrayBuffer>
}

const PREFIX = 'spicetime='
const MAX_INVITE_LENGTH = 16_384

/** Makes an invite as a URL fragment: `#spicetime=` and base64url of dag-cbor. Fragments are never sent to a web server. */
export async function makeInvite(record: SpaceRecord, reference: SpaceReference, author: Author): Promise<string> {
  const { id, secret } = await makeInvitationKey()
  const grant = await author.sign(grantBytes(reference, id))
  const { genesis, name, keys, lineage } = record
  const bytes = encode({
    v: 1,
    ...genesis,
    name,
    keys,
    lineage: lineage.map((link) => ({ ...link })),
    inviter: author.id,
    invitation: id,
    grant,
    secret,
  })
  return `#${PREFIX}${toBase64Url(bytes)}`
}

/** Reads the fragment, or a whole URL that ends in it. @throws SpiceTimeError INVITE_MALFORMED */
function parseInvite(text: unknown): Invite {
  if (typeof text !== 'string' || text.length > MAX_INVITE_LENGTH) throw malformed('it is not a link')
  const start = text.indexOf(PREFIX)
  if (start < 0) throw malformed(`it holds no '#${PREFIX}…'`)
  const fields = decodeInvite(text.slice(start + PREFIX.length).split('&')[0] ?? '')
  if (fields['v'] !== 1) throw malformed('it was made by a newer version; update the application')
  const { inviter, invitation, grant, secret } = fields
  if (!(grant instanceof Uint8Array) || !(secret instanceof Uint8Array)) throw malformed('it is incomplete')
  return {
    record: parseSpaceRecord(fields),
    inviter: parseAuthorId(inviter),
    invitation: parseAuthorId(invitation),
    grant: new Uint8Array(grant),
    secret: new Uint8Array(secret),
  }
}

interface Joiner {
  readonly me: AuthorId
  readonly spaceCalled: (id: SpaceId) => Space | undefined
}

/**
 * The record of the one who joins: the invite's, with the way they came in at its front; or the space, when the device is in it already.
 * @throws SpiceTimeError INVITE_MALFORMED, SPACE_TAKEN
 */
export async function acceptedRecord(
  text: string,
  { me, spaceCalled }: Joiner,
): Promise<{ readonly known: Space } | { readonly record: SpaceRecord }> {
  const invite = parseInvite(text)
  const { genesis } = invite.record
  const reference = await referenceOf(genesis)
  const known = spaceCalled(genesis.id)
  if (known !== undefined && known.reference === reference) return { known }
  if (known !== undefined || genesis.id === PRIVATE) {
    throw new SpiceTimeError(
      'SPACE_TAKEN',
      `This device has another space called '${genesis.id}', so it can't join this one. Join it on another device or in another browser profile.`,
      { space: genesis.id },
    )
  }
  const record = await acceptInvite(invite, reference, me)
  const fault = await faultOf(record.lineage, { reference, founder: genesis.founder }, me)
  if (fault === undefined) return { record }
  throw new SpiceTimeError('INVITE_MALFORMED', `The invite can't be used: ${fault}. Ask for a new one.`, { space: genesis.id })
}

async function acceptInvite(invite: Invite, reference: SpaceReference, author: AuthorId): Promise<SpaceRecord> {
  const proof = await signWithInvitation(invite.secret, proofBytes(reference, author))
  const { inviter, invitation, grant, record } = invite
  return { ...record, lineage: [{ author, inviter, invitation, grant, proof }, ...record.lineage] }
}

function decodeInvite(encoded: string): Readonly<Record<string, Value>> {
  try {
    return decodeFields(fromBase64Url(encoded))
  } catch (error) {
    throw malformed('it was cut short or changed on its way', error)
  }
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

function fromBase64Url(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
}
