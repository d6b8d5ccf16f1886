import { toBase32 } from '../codec/base32.js'
import { PRIVATE } from '../codec/event-id.js'
import { SPACE_KEY_BYTES } from '../crypto/space-keys.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { AuthorId } from '../model/event.js'
import { encodeSegment, parseSpaceId } from '../model/path.js'
import type { SpaceId } from '../model/path.js'
import type { Platform } from '../platform/platform.js'
import { GENESIS_NONCE_BYTES } from './genesis.js'
import { MAX_NAME_LENGTH, parsePolicies } from './space-record.js'
import type { SpaceRecord } from './space-record.js'

export interface SpaceWish {
  readonly name: string
  readonly id?: string
  readonly policies?: unknown
}

interface Ground {
  readonly me: AuthorId
  readonly platform: Platform
  readonly isTaken: (id: SpaceId) => boolean
}

/** What a new space begins with. @throws SpiceTimeError INPUT_MALFORMED, SPACE_TAKEN, PATH_MALFORMED */
export function newRecord(wish: SpaceWish, { me, platform, isTaken }: Ground): SpaceRecord {
  const name = checkName(wish.name)
  const id = wish.id === undefined ? freshId(name, platform) : parseSpaceId(wish.id)
  if (id === PRIVATE || isTaken(id))
    throw new SpiceTimeError('SPACE_TAKEN', `There is a space '${id}' on this device already. Choose another id, or leave it out.`, {
      space: id,
    })
  return {
    genesis: {
      id,
      founder: me,
      nonce: platform.randomBytes(GENESIS_NONCE_BYTES),
      policies: parsePolicies(wish.policies),
      createdAt: platform.now(),
    },
    name,
    keys: [platform.randomBytes(SPACE_KEY_BYTES)],
    lineage: [],
  }
}

/** Readable where the name allows it, and unlike any other. */
function freshId(name: string, platform: Platform): SpaceId {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 24)
  return parseSpaceId(encodeSegment(`${slug === '' ? 'space' : slug}-${toBase32(platform.randomBytes(8)).slice(0, 10)}`))
}

/** @throws SpiceTimeError INPUT_MALFORMED */
export function checkName(name: unknown): string {
  if (typeof name === 'string' && name.trim() !== '' && name.length <= MAX_NAME_LENGTH) return name.trim()
  throw new SpiceTimeError('INPUT_MALFORMED', `A name must be text of 1 to ${MAX_NAME_LENGTH} characters.`)
}
