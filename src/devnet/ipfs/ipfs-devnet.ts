import { join } from 'node:path'
import { findProgram } from '../binaries.js'
import { startKubo } from './kubo.js'

export interface IpfsDevnetOptions {
  /** What its peer keeps over restarts; a folder for each kind. */
  readonly directory: string
  /** Origins of pages that may use it. */
  readonly origins: readonly string[]
  /** Default: a Kubo where the program is found, else the embedded one. */
  readonly kind?: IpfsDevnet['kind']
}

/** A peer on loopback, which every device that opens the app fetches from and pins at. */
export interface IpfsDevnet extends IpfsPlaces {
  readonly kind: 'kubo' | 'embedded'
  close(): Promise<void>
}

/** Where it is, as the settings of the network ipfs say it. */
export interface IpfsPlaces {
  /** Multiaddr that a browser dials. */
  readonly peer: string
  readonly gateway: string
  readonly pins:
    | { readonly kind: 'kubo'; readonly url: string }
    | { readonly kind: 'service'; readonly url: string; readonly token: string }
}

/** @throws SpiceTimeError PROGRAM_MISSING, DEVNET_FAILED, NETWORK_UNAVAILABLE */
export async function startIpfsDevnet({ directory, origins, kind }: IpfsDevnetOptions): Promise<IpfsDevnet> {
  const chosen = kind ?? (findProgram('ipfs') === undefined ? 'embedded' : 'kubo')
  if (chosen === 'kubo') {
    const kubo = await startKubo({ directory: join(directory, 'kubo'), origins })
    const { peer, gateway, rpc } = kubo
    return { kind: chosen, peer, gateway, pins: { kind: 'kubo', url: rpc }, close: () => kubo.stop() }
  }
  // Helia and libp2p take a while to load: only where they run.
  const { startEmbeddedPeer } = await import('./embedded-peer.js')
  const embedded = await startEmbeddedPeer({ directory: join(directory, 'embedded'), origins })
  const { peer, gateway, pins } = embedded
  return { kind: chosen, peer, gateway, pins: { kind: 'service', ...pins }, close: () => embedded.close() }
}

/** What the page is told of it. */
export function placesOf({ peer, gateway, pins }: IpfsDevnet): IpfsPlaces {
  return { peer, gateway, pins }
}
