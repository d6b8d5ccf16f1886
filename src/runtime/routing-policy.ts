import { decodeFields } from './codec/dag-cbor.js'
import type { Diagnostics } from './diagnostics/diagnostics.js'
import { asSpiceTimeError } from './errors/spice-time-error.js'
import type { RoutingPolicy } from './model/routing-policy.js'
import type { Store } from './storage/store.js'

export const POLICY_ROW = '+/p/routing'

/** The policy as stored; none when nobody defined one. A row that can't be read is told and left out: the app says it again. */
export async function readRoutingPolicy(store: Store, diagnostics: Diagnostics): Promise<RoutingPolicy> {
  const row = await store.get(POLICY_ROW)
  if (row === undefined) return {}
  try {
    const { parseRoutingPolicy } = await import('./new-routing-policy.js')
    return parseRoutingPolicy(decodeFields(row))
  } catch (error) {
    diagnostics.emit({ kind: 'record-damaged', key: POLICY_ROW, reason: asSpiceTimeError(error).message })
    return {}
  }
}
