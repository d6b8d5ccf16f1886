import type { NetworkProvider } from '../provider.js'
import type { DeviceParts } from '../provider-parts.js'
import { LazyProvider } from '../lazy-provider.js'
import { EXPECTED_CAPABILITIES } from '../served-requirements.js'
import type { NodeParts } from './solana-node.js'
import { calledOff, notAsked, notConfigured, stopped, tooLarge } from './solana-errors.js'

/** Ways out of this device other than the platform's own, for tests. */
export type SolanaSeams = Pick<NodeParts, 'fetch' | 'socket'>

/** The base fee of a transaction, in lamports: https://solana.com/docs/core/fees */
const BASE_FEE = 5_000
/** Before anything was measured: milliseconds until a node has taken it. */
const EXPECTED_LATENCY = 1_200
const EXPECTED_SUCCESS = 0.98

/** Consensus by a Solana cluster. Nothing but this door is loaded before a space or an event asks for consensus. */
export function createSolanaProvider(device: DeviceParts, seams: SolanaSeams = platformSeams()): NetworkProvider {
  return new LazyProvider({
    network: 'solana',
    name: 'Solana',
    capabilities: EXPECTED_CAPABILITIES.solana,
    requirement: 'consensus',
    spaces: device.spaces,
    quote: { cost: BASE_FEE, latency: EXPECTED_LATENCY, success: EXPECTED_SUCCESS },
    errors: {
      ...{ stopped, notConfigured, notAsked, calledOff },
      tooLarge: ({ id, bytes }, limit) => tooLarge(id, bytes.length, limit),
    },
    async load({ settings, platform, onStatus, onNews }) {
      const [{ SolanaNode }, { parseSettings }] = await Promise.all([import('./solana-node.js'), import('./settings.js')])
      return await SolanaNode.open({ platform, onStatus, onNews, device, settings: parseSettings(settings), ...seams })
    },
  })
}

/** Node has a WebSocket from version 22 on; without one, polling alone brings what is new. */
function platformSeams(): SolanaSeams {
  return typeof WebSocket === 'undefined' ? {} : { socket: (url) => new WebSocket(url) }
}
