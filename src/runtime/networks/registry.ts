import type { Network } from '../model/network.js'
import type { LocalLog } from './local/local-log.js'
import type { NetworkProvider } from './provider.js'

export type { LocalLog, LoggedEvent } from './local/local-log.js'

/** What providers need from this device beside the platform. */
export interface ProviderParts {
  readonly localLog: LocalLog
}

export type ProviderLoader = (parts: ProviderParts) => Promise<NetworkProvider>

/** How each network's provider is made: one line a network, loaded only when asked for. */
export const PROVIDERS: Readonly<Record<Network, ProviderLoader>> = {
  local: async ({ localLog }) => (await import('./local/local-provider.js')).createLocalProvider(localLog),
  holochain: () => notConnected('holochain', 'This build has no Holochain conductor to talk to yet.'),
  ipfs: () => notConnected('ipfs', 'This build has no IPFS node yet.'),
  solana: () => notConnected('solana', 'This build has no connection to a Solana validator yet.'),
}

/** Makes every network's provider; none is started. */
export function loadProviders(parts: ProviderParts): Promise<readonly NetworkProvider[]> {
  return Promise.all(Object.values(PROVIDERS).map((load) => load(parts)))
}

/** Expected cost (lamports), latency (milliseconds) and success before anything was measured. */
const EXPECTED_QUOTES = {
  holochain: { cost: 0, latency: 1_500, success: 0.95 },
  ipfs: { cost: 0, latency: 2_000, success: 0.95 },
  solana: { cost: 5_000, latency: 1_200, success: 0.98 },
} as const

async function notConnected(network: Exclude<Network, 'local'>, missing: string): Promise<NetworkProvider> {
  const [{ createNotConnectedProvider }, { EXPECTED_CAPABILITIES }] = await Promise.all([
    import('./not-connected-provider.js'),
    import('./served-requirements.js'),
  ])
  return createNotConnectedProvider({ network, capabilities: EXPECTED_CAPABILITIES[network], quote: EXPECTED_QUOTES[network], missing })
}
