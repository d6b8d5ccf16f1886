import { join } from 'node:path'
import { startKubo } from './kubo.js'

export interface IpfsDevnetOptions {
  /** Its repository is kept here over restarts. */
  readonly directory: string
  /** Origins of pages that may use it. */
  readonly origins: readonly string[]
}

/** A real Kubo on loopback, which every device that opens the app fetches from and pins at. */
export interface IpfsDevnet {
  /** Multiaddr that a browser dials. */
  readonly peer: string
  readonly gateway: string
  readonly rpc: string
  close(): Promise<void>
}

/** @throws SpiceTimeError PROGRAM_MISSING, DEVNET_FAILED, NETWORK_UNAVAILABLE */
export async function startIpfsDevnet({ directory, origins }: IpfsDevnetOptions): Promise<IpfsDevnet> {
  const kubo = await startKubo({ directory: join(directory, 'kubo'), origins })
  return { peer: kubo.peer, gateway: kubo.gateway, rpc: kubo.rpc, close: () => kubo.stop() }
}
