import { rmSync } from 'node:fs'
import { requireProgram } from '../binaries.js'
import { startPeer } from '../peer-process.js'
import type { PeerProcess } from '../peer-process.js'
import { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import { KUBO_ENVIRONMENT, writeKuboConfig } from './kubo-config.js'
import type { KuboPorts, KuboSettings } from './kubo-config.js'

/** A real Kubo on loopback, which knows nobody but those who dial it. */
export interface Kubo {
  /** Multiaddr that a browser dials. */
  readonly peer: string
  readonly gateway: string
  readonly rpc: string
  readonly ports: KuboPorts
  stop(): Promise<void>
  /** As a power cut would. */
  kill(): Promise<void>
  /** As a lost disk. */
  wipe(): Promise<void>
}

/** Starts one, or the one that was in the directory before. @throws SpiceTimeError PROGRAM_MISSING, DEVNET_FAILED, NETWORK_UNAVAILABLE */
export async function startKubo(settings: KuboSettings): Promise<Kubo> {
  const program = requireProgram('ipfs')
  await writeKuboConfig(program, settings)
  const running = await startPeer({
    program,
    // A repository of another version is not migrated: that could need a download.
    arguments: ['daemon', '--migrate=false'],
    lines: [
      /RPC API server listening on \/ip4\/127\.0\.0\.1\/tcp\/(\d+)/,
      /Gateway server listening on \/ip4\/127\.0\.0\.1\/tcp\/(\d+)/,
      /Daemon is ready/,
    ],
    environment: { ...KUBO_ENVIRONMENT, IPFS_PATH: settings.directory },
  })
  try {
    return await kuboOf(running, settings)
  } catch (error) {
    await running.kill()
    throw error
  }
}

async function kuboOf(running: PeerProcess, { directory, token }: KuboSettings): Promise<Kubo> {
  // Kubo opens its RPC before its gateway.
  const [rpc, gateway] = running.found.map((port) => `http://127.0.0.1:${port}`)
  if (rpc === undefined || gateway === undefined) throw failed('it did not say where it listens')
  const peer = (await addressesOf(rpc, token)).find((address) => /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws\/p2p\//.test(address))
  if (peer === undefined) throw failed('it has no address for browsers')
  const portOf = (url: string): number => Number(new URL(url).port)
  return {
    peer,
    gateway,
    rpc,
    ports: { rpc: portOf(rpc), gateway: portOf(gateway), swarm: Number(peer.split('/')[4]) },
    stop: () => running.stop(),
    kill: () => running.kill(),
    async wipe() {
      await running.kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function addressesOf(rpc: string, token: string | undefined): Promise<readonly string[]> {
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` }
  const response = await fetch(`${rpc}/api/v0/id`, { method: 'POST', ...(headers === undefined ? {} : { headers }) })
  const answer: unknown = await response.json()
  const addresses = typeof answer === 'object' && answer !== null && 'Addresses' in answer ? answer.Addresses : undefined
  return Array.isArray(addresses) ? addresses.map(String) : []
}

function failed(what: string): SpiceTimeError {
  return new SpiceTimeError('DEVNET_FAILED', `Kubo was started, but ${what}. Get the version that README.md names.`)
}
