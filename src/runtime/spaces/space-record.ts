import { decodeFields, encode } from '../codec/dag-cbor.js'
import { parseAuthorId } from '../codec/event-id.js'
import { SPACE_KEY_BYTES } from '../crypto/space-keys.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import { parseSpaceId } from '../model/path.js'
import { MERGE_POLICIES } from '../model/state.js'
import type { MergePolicy } from '../model/state.js'
import type { Value } from '../model/value.js'
import { GENESIS_NONCE_BYTES } from './genesis.js'
import type { Genesis } from './genesis.js'
import { lineageFromValue, lineageToValue } from './lineage.js'
import type { Lineage } from './lineage.js'

/** A space as this device keeps it, and as an invite hands it on. */
export interface SpaceRecord {
  readonly genesis: Genesis
  readonly name: string
  /** Keys by epoch, the last one seals. */
  readonly keys: readonly Uint8Array<ArrayBuffer>[]
  /** How this device's author came in; empty for the founder. */
  readonly lineage: Lineage
}

export const MAX_NAME_LENGTH = 200

export function encodeSpaceRecord({ genesis, name, keys, lineage }: SpaceRecord): Uint8Array<ArrayBuffer> {
  return encode({ ...genesis, name, keys, lineage: lineageToValue(lineage) })
}

/** @throws SpiceTimeError INVITE_MALFORMED */
export function decodeSpaceRecord(bytes: Uint8Array): SpaceRecord {
  let fields: Readonly<Record<string, Value>>
  try {
    fields = decodeFields(bytes)
  } catch (error) {
    throw malformed('it is not readable', error)
  }
  return parseSpaceRecord(fields)
}

/** @throws SpiceTimeError INVITE_MALFORMED */
export function parseSpaceRecord(fields: Readonly<Record<string, Value>>): SpaceRecord {
  const { id, founder, nonce, createdAt, name, keys } = fields
  const lineage = lineageFromValue(fields['lineage'])
  if (!(nonce instanceof Uint8Array) || nonce.length !== GENESIS_NONCE_BYTES || typeof createdAt !== 'number' || lineage === undefined)
    throw malformed('it is incomplete')
  if (typeof name !== 'string' || name.length > MAX_NAME_LENGTH) throw malformed('its name is missing or too long')
  return {
    genesis: { id: parseSpaceId(id), founder: parseAuthorId(founder), nonce, policies: parsePolicies(fields['policies']), createdAt },
    name,
    keys: parseKeys(keys),
    lineage,
  }
}

function parseKeys(value: Value | undefined): readonly Uint8Array<ArrayBuffer>[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  const keys = list.filter((key): key is Uint8Array => key instanceof Uint8Array && key.length === SPACE_KEY_BYTES)
  if (keys.length === 0 || keys.length !== list.length) throw malformed('it holds no valid key')
  return keys.map((key) => new Uint8Array(key))
}

/** @throws SpiceTimeError INVITE_MALFORMED */
export function parsePolicies(value: unknown): { readonly [collection: string]: MergePolicy } {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null) throw malformed('its policies are not a map')
  return Object.fromEntries(
    Object.entries(value).map(([collection, name]) => {
      const policy = MERGE_POLICIES.find((known) => known === name)
      if (policy === undefined) throw malformed(`the merge policy of '${collection}' is unknown`)
      return [collection, policy]
    }),
  )
}

export function malformed(why: string, cause?: unknown): SpiceTimeError {
  return new SpiceTimeError('INVITE_MALFORMED', `The invite can't be used: ${why}. Ask for a new one and copy the whole link.`, {}, cause)
}
