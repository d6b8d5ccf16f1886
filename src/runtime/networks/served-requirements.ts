import type { Network, Requirement } from '../model/network.js'
import type { Capabilities } from './provider.js'

/** What each network is for, connected or not: the router's candidates come from here. A new network adds its line. */
export const SERVED_REQUIREMENTS: Readonly<Record<Network, readonly Requirement[]>> = {
  local: ['local'],
  holochain: ['team'],
  ipfs: ['storage'],
  solana: ['consensus'],
}

/** What the networks can do, where their providers say it from here or are still to come: events are routed, priced and queued as they will be. */
export const EXPECTED_CAPABILITIES: Readonly<Record<Exclude<Network, 'local'>, Capabilities>> = {
  holochain: { requirements: SERVED_REQUIREMENTS.holochain, ordering: 'none', maxEventBytes: 65_536, cost: 'free', batch: 100 },
  ipfs: { requirements: SERVED_REQUIREMENTS.ipfs, ordering: 'none', maxEventBytes: 65_536, cost: 'free', batch: 100 },
  solana: { requirements: SERVED_REQUIREMENTS.solana, ordering: 'total', maxEventBytes: 65_536, cost: 'per-event', batch: 256 },
}
