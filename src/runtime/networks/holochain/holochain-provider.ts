import { LazyProvider } from '../lazy-provider.js'
import type { NetworkProvider } from '../provider.js'
import type { DeviceParts } from '../provider-parts.js'
import { EXPECTED_CAPABILITIES } from '../served-requirements.js'
import { calledOff, notAsked, notConfigured, stopped, tooLarge } from './holochain-errors.js'
import { MAX_PIECE_BYTES, MAX_SNAPSHOT_PARTS } from './snapshot-limits.js'

/** Ways out of this device other than the platform's own, for tests. */
export interface HolochainSeams {
  readonly fetch: typeof fetch
}

/** Milliseconds until a conductor has written it, before anything was measured. */
const EXPECTED_LATENCY = 1_500
const EXPECTED_SUCCESS = 0.95

/** Team sync by a Holochain conductor. Nothing but this door is loaded before a space or an event asks for its team. */
export function createHolochainProvider(
  device: DeviceParts,
  seams: HolochainSeams = { fetch: (...request) => fetch(...request) },
): NetworkProvider {
  return new LazyProvider({
    network: 'holochain',
    name: 'Holochain',
    capabilities: EXPECTED_CAPABILITIES.holochain,
    requirement: 'team',
    spaces: device.spaces,
    signals: true,
    snapshots: { maxPartBytes: MAX_PIECE_BYTES, maxParts: MAX_SNAPSHOT_PARTS },
    quote: { cost: 0, latency: EXPECTED_LATENCY, success: EXPECTED_SUCCESS },
    errors: {
      ...{ stopped, notConfigured, notAsked, calledOff },
      tooLarge: ({ id, bytes }, limit) => tooLarge(id, bytes.length, limit),
    },
    async load({ settings, ...context }) {
      const [{ HolochainNode }, { parseSettings }] = await Promise.all([import('./holochain-node.js'), import('./settings.js')])
      return await HolochainNode.open({ ...context, device, settings: parseSettings(settings), ...seams })
    },
  })
}
