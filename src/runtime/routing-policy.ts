import type { Diagnostics } from './diagnostics/diagnostics.js'
import type { RoutingPolicy } from './model/routing-policy.js'
import type { Store } from './storage/store.js'

/** The policy as stored; none when nobody defined one. */
export async function readRoutingPolicy(store: Store, diagnostics: Diagnostics): Promise<RoutingPolicy> {
  const row = await store.get('+/p/routing')
  return row === undefined ? {} : (await import('./new-routing-policy.js')).parsePolicyRow(row, diagnostics)
}
