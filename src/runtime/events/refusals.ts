import { decodeFields, encode } from '../codec/dag-cbor.js'
import type { EventId } from '../model/event.js'
import type { Store, StoreChange } from '../storage/store.js'
import { logKeys } from './log-keys.js'

/** Why an event with a good name takes no part: kept, so that it can be shown and is not looked at twice. */
export interface Refusal {
  readonly kind: 'rejected' | 'quarantined'
  readonly code: string
  readonly reason: string
  /** Kept of quarantined events only: they are the proof of a fork. */
  readonly bytes?: Uint8Array
}

export function writeRefusal(id: EventId, refusal: Refusal, changes: StoreChange[]): void {
  changes.push([logKeys.refused(id), encode({ ...refusal })])
}

export async function readRefusal(store: Pick<Store, 'get'>, id: EventId): Promise<Refusal | undefined> {
  const row = await store.get(logKeys.refused(id))
  return row === undefined ? undefined : parseRefusal(row)
}

export function parseRefusal(row: Uint8Array): Refusal | undefined {
  const { kind, code, reason, bytes } = decodeFields(row)
  if ((kind !== 'rejected' && kind !== 'quarantined') || typeof code !== 'string' || typeof reason !== 'string') return undefined
  return { kind, code, reason, ...(bytes instanceof Uint8Array ? { bytes } : {}) }
}
