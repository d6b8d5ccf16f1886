import type { SolanaPeer } from '../../../../devnet/solana/solana-peer.js'
import type { SpaceId } from '../../../model/path.js'
import type { State } from '../../../model/state.js'
import type { Platform } from '../../../platform/platform.js'
import { MemoryDisk } from '../../../storage/memory/memory-disk.js'
import { openSpaceOf, Replica } from '../../../testing/replicas.js'
import type { NetworkProvider } from '../../provider.js'
import type { DeviceParts } from '../../provider-parts.js'
import { createSolanaProvider } from '../solana-provider.js'
import type { SolanaSeams } from '../solana-provider.js'
import { hurriedPlatform } from './hurried-platform.js'

export interface OnChainOptions {
  readonly disk?: MemoryDisk
  readonly platform?: Platform
  readonly seams?: SolanaSeams
  /** Default: the peer. */
  readonly settings?: object
  /** Other networks of the device. */
  readonly beside?: readonly NetworkProvider[]
  readonly onProvider?: (provider: NetworkProvider) => void
  readonly onParts?: (parts: DeviceParts) => void
}

/** A whole runtime whose only network is that chain. */
export async function openOnChain(peer: Pick<SolanaPeer, 'url' | 'websocketUrl'>, options: OnChainOptions = {}): Promise<Replica> {
  const { disk = new MemoryDisk(), platform = hurriedPlatform, seams = {}, settings = {}, beside = [], onProvider, onParts } = options
  const given = { cluster: peer.url, websocket: peer.websocketUrl, ...settings }
  const replica = await Replica.open(platform, disk, [
    {
      network: 'solana',
      make: (parts) => {
        const provider = createSolanaProvider(parts, seams)
        onProvider?.(provider)
        onParts?.(parts)
        const start = provider.start.bind(provider)
        return Object.assign(provider, { start: (context: { readonly platform: Platform }) => start({ ...context, settings: given }) })
      },
    },
    ...beside,
  ])
  return replica
}

/** Two devices with a space whose claims are ordered by consensus. */
export async function openPair(one: Replica, other: Replica): Promise<SpaceId> {
  return await openSpaceOf([one, other], { claims: 'consensus' })
}

export async function stateOf(replica: Replica, path: string): Promise<State> {
  const answer = await replica.runtime.getState(path)
  if (answer.kind !== 'state') throw new Error(`${path} is above documents`)
  return answer.state
}

/** Pulls on every device, over and over, until it holds: what news and timers would do, without waiting for them. */
export async function until(replicas: readonly Replica[], condition: () => Promise<boolean>, pulls = 400): Promise<void> {
  for (let pull = 0; pull < pulls; pull++) {
    if (await condition()) return
    // One that is away says so in its status; the condition tells whether that is right.
    await Promise.all(replicas.map((replica) => replica.runtime.syncNetworks().catch(() => undefined)))
    await new Promise((resolve) => hurriedPlatform.after(1_000, () => resolve(undefined)))
  }
  throw new Error(`it did not come to hold within ${pulls} pulls`)
}
