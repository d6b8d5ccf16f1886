import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import { isMap } from '../json.js'

/** On loopback. 0: a free one. */
export interface KuboPorts {
  readonly rpc: number
  readonly gateway: number
  readonly swarm: number
}

export interface KuboSettings {
  /** Its repository; one that was there before goes on with what it had. */
  readonly directory: string
  /** Origins of pages that may use its RPC and its gateway; default: any, for tests. */
  readonly origins?: readonly string[]
  /** Default: free ones. */
  readonly ports?: KuboPorts
  /** Without it, its RPC takes no call. For programs alone: Kubo refuses the question that browsers ask before a call with a header. */
  readonly token?: string
  /** What it may hold before it collects what nobody pinned, as `10MB`; default: Kubo's own. */
  readonly capacity?: string
}

export const FREE_PORTS: KuboPorts = { rpc: 0, gateway: 0, swarm: 0 }

/** Never a word to anyone but the peers that dial it or that it is told of; whatever would ask home is off. */
export const KUBO_ENVIRONMENT: Readonly<Record<string, string>> = {
  IPFS_TELEMETRY: 'off',
  IPFS_LOGGING_FMT: 'nocolor',
}

/** Makes the repository where there is none, and says in it how the next start is to be. @throws SpiceTimeError DEVNET_FAILED */
export async function writeKuboConfig(program: string, settings: KuboSettings): Promise<void> {
  const path = join(settings.directory, 'config')
  if (!existsSync(path)) await makeRepository(program, settings.directory)
  const config: unknown = JSON.parse(readFileSync(path, 'utf8'))
  writeFileSync(path, JSON.stringify(merged(config, wanted(settings)), undefined, 2))
}

async function makeRepository(program: string, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true })
  try {
    await promisify(execFile)(program, ['init', '--empty-repo'], { env: { ...process.env, ...KUBO_ENVIRONMENT, IPFS_PATH: directory } })
  } catch (error) {
    throw new SpiceTimeError(
      'DEVNET_FAILED',
      `${program} could make no repository in ${directory}. Delete the folder, or free some disk.`,
      {},
      error,
    )
  }
}

type Config = Readonly<Record<string, unknown>>

/** Everything that Kubo does by itself beyond its peers, off: https://github.com/ipfs/kubo/blob/v0.40.1/docs/config.md */
function wanted({ origins = ['*'], ports = FREE_PORTS, token, capacity }: KuboSettings): Config {
  const on = (port: number): string => `/ip4/127.0.0.1/tcp/${port}`
  return {
    Addresses: { API: on(ports.rpc), Gateway: on(ports.gateway), Swarm: [`${on(ports.swarm)}/ws`, on(ports.swarm)], Announce: [] },
    API: {
      HTTPHeaders: { 'Access-Control-Allow-Origin': origins, 'Access-Control-Allow-Methods': ['POST'] },
      Authorizations: token === undefined ? {} : { spicetime: { AuthSecret: `bearer:${token}`, AllowedPaths: ['/api/v0'] } },
    },
    Gateway: {
      // Blocks and CARs that whoever asks checks by their CIDs; no pages, which would be of this machine's own origin.
      DeserializedResponses: false,
      NoDNSLink: true,
      ExposeRoutingAPI: false,
      RetrievalTimeout: '10s',
      HTTPHeaders: { 'Access-Control-Allow-Origin': origins },
    },
    Bootstrap: [],
    Routing: { Type: 'none', DelegatedRouters: [] },
    Ipns: { DelegatedPublishers: [] },
    DNS: { Resolvers: {} },
    Discovery: { MDNS: { Enabled: false } },
    HTTPRetrieval: { Enabled: false },
    Provide: { Enabled: false },
    AutoConf: { Enabled: false },
    AutoTLS: { Enabled: false },
    AutoNAT: { ServiceMode: 'disabled' },
    Version: { SwarmCheckEnabled: false },
    Plugins: { Plugins: { telemetry: { Disabled: true } } },
    Swarm: {
      DisableNatPortMap: true,
      EnableHolePunching: false,
      RelayClient: { Enabled: false },
      RelayService: { Enabled: false },
      Transports: { Network: { QUIC: false, WebTransport: false, WebRTCDirect: false, Relay: false } },
    },
    ...(capacity === undefined ? {} : { Datastore: { StorageMax: capacity } }),
  }
}

/** Section by section: what is not wished for stays, above all its identity. */
function merged(present: unknown, wishes: Config): Config {
  const config: Record<string, unknown> = isMap(present) ? { ...present } : {}
  for (const [name, wish] of Object.entries(wishes)) {
    const before = config[name]
    config[name] = isMap(before) && isMap(wish) ? { ...before, ...wish } : wish
  }
  return config
}
