import { NETWORKS } from '../model/network.js'
import type { Network } from '../model/network.js'
import type { LocalLog } from './local/local-log.js'
import type { NetworkProvider } from './provider.js'
import type { DeviceParts } from './provider-parts.js'

export type { LocalLog, LoggedEvent } from './local/local-log.js'
export type { DeviceParts, EventLists, NetworkRows, NetworkSpace, NetworkSpaces, PageServices } from './provider-parts.js'

/** What providers need from this device beside the platform; all but the log is made for one network. */
export interface ProviderParts extends DeviceParts {
  readonly localLog: LocalLog
}

export type ProviderMaker = (parts: ProviderParts) => NetworkProvider

export interface NamedMaker {
  readonly network: Network
  readonly make: ProviderMaker
}

/** How each network's provider is made: one line a network, its code loaded only when asked for. */
export const PROVIDERS: Readonly<Record<Network, () => Promise<ProviderMaker>>> = {
  local: async () => {
    const { createLocalProvider } = await import('./local/local-provider.js')
    return ({ localLog }) => createLocalProvider(localLog)
  },
  holochain: async () => {
    const { createHolochainProvider } = await import('./holochain/holochain-provider.js')
    return (parts) => createHolochainProvider(parts)
  },
  ipfs: async () => {
    const { createIpfsProvider } = await import('./ipfs/ipfs-provider.js')
    return (parts) => createIpfsProvider(parts)
  },
  solana: async () => {
    const { createSolanaProvider } = await import('./solana/solana-provider.js')
    return (parts) => createSolanaProvider(parts)
  },
}

/** Loads every network's code; nothing is made or started. */
export function loadProviderMakers(): Promise<readonly NamedMaker[]> {
  return Promise.all(NETWORKS.map(async (network) => ({ network, make: await PROVIDERS[network]() })))
}

/**
 * What must hold of a network's settings before they are kept.
 * @throws SpiceTimeError SETTINGS_MALFORMED
 */
export async function checkSettings(network: Network, foreign: unknown): Promise<void> {
  if (network === 'solana') (await import('./solana/settings.js')).parseSettings(foreign)
  if (network === 'ipfs') (await import('./ipfs/settings.js')).parseSettings(foreign)
  if (network === 'holochain') (await import('./holochain/settings.js')).parseSettings(foreign)
}
