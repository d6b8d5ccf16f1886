import { SpiceTimeError } from '../../errors/spice-time-error.js'
import { SOLANA_CLUSTERS } from '../../model/network-settings.js'
import type { SolanaCluster, SolanaSettings } from '../../model/network-settings.js'

/** What the app said of Solana, checked and completed. */
export interface ParsedSettings {
  /** What a person calls the cluster: its name, or the first endpoint's host. */
  readonly cluster: string
  /** JSON-RPC endpoints, the preferred one first; at least one. */
  readonly endpoints: readonly [string, ...string[]]
  readonly websocket: string
  readonly faucet: boolean
  readonly payer: 'burner' | 'wallet'
  /** In lamports for one transaction. */
  readonly maxPriorityFee: number
}

/** https://solana.com/docs/references/clusters */
const ENDPOINTS: Readonly<Record<SolanaCluster, string>> = {
  devnet: 'https://api.devnet.solana.com',
  testnet: 'https://api.testnet.solana.com',
  mainnet: 'https://api.mainnet-beta.solana.com',
}
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/
const MOST_ENDPOINTS = 16
const DEFAULT_PRIORITY_FEE = 10_000
const KNOWN: readonly string[] = ['cluster', 'websocket', 'faucet', 'payer', 'maxPriorityFee'] satisfies readonly (keyof SolanaSettings)[]

/** @throws SpiceTimeError SETTINGS_MALFORMED, naming the setting */
export function parseSettings(foreign: unknown): ParsedSettings {
  if (!isMap(foreign)) throw malformed('they are not a map', "give at least { cluster: 'devnet' }")
  const stranger = Object.keys(foreign).find((key) => !KNOWN.includes(key))
  if (stranger !== undefined) throw malformed(`'${stranger.slice(0, 40)}' is no setting`, `known are ${KNOWN.join(', ')}`)
  const { cluster, endpoints } = parseCluster(foreign['cluster'])
  const payer = foreign['payer'] ?? 'burner'
  if (payer !== 'burner' && payer !== 'wallet') throw malformed("'payer' is not known", "it is 'burner' or 'wallet'")
  const faucet = foreign['faucet'] ?? (payer === 'burner' && hasFaucet(cluster, endpoints[0]))
  if (typeof faucet !== 'boolean') throw malformed("'faucet' is not true or false", 'leave it out for the default')
  return {
    cluster,
    endpoints,
    websocket:
      foreign['websocket'] === undefined ? websocketOf(endpoints[0]) : parseUrl(foreign['websocket'], ['ws:', 'wss:'], 'websocket'),
    faucet,
    payer,
    maxPriorityFee: parseFee(foreign['maxPriorityFee'] ?? DEFAULT_PRIORITY_FEE),
  }
}

type Endpoints = Pick<ParsedSettings, 'cluster' | 'endpoints'>

function parseCluster(foreign: unknown): Endpoints {
  const name = SOLANA_CLUSTERS.find((known) => known === foreign)
  if (name !== undefined) return { cluster: name, endpoints: [ENDPOINTS[name]] }
  const list: readonly unknown[] = Array.isArray(foreign) ? foreign : [foreign]
  if (list.length > MOST_ENDPOINTS) throw malformed(`'cluster' has ${list.length} endpoints`, `at most ${MOST_ENDPOINTS} are taken`)
  const [first, ...others] = list.map((url) => parseUrl(url, ['http:', 'https:'], 'cluster'))
  if (first === undefined) throw malformed("'cluster' is empty", `name ${SOLANA_CLUSTERS.join(', ')} or the URL of an endpoint`)
  return { cluster: new URL(first).host, endpoints: [first, ...new Set(others.filter((url) => url !== first))] }
}

function parseUrl(foreign: unknown, protocols: readonly string[], setting: string): string {
  const url = typeof foreign === 'string' && URL.canParse(foreign) ? new URL(foreign) : undefined
  if (url !== undefined && protocols.includes(url.protocol)) return url.href
  // The URL itself may carry a provider's key, so it is not repeated.
  throw malformed(`'${setting}' is not a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`, 'correct it')
}

function parseFee(foreign: unknown): number {
  if (typeof foreign === 'number' && Number.isSafeInteger(foreign) && foreign >= 0) return foreign
  throw malformed("'maxPriorityFee' is not a natural number of lamports", 'correct it')
}

/** Validators and most providers serve subscriptions on the same address; one with a port of its own serves them on the next port. */
function websocketOf(endpoint: string): string {
  const url = new URL(endpoint)
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:'
  if (url.port !== '') url.port = String(Number(url.port) + 1)
  return url.href
}

function hasFaucet(cluster: string, endpoint: string): boolean {
  return cluster === 'devnet' || cluster === 'testnet' || LOOPBACK.test(new URL(endpoint).hostname)
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function malformed(what: string, advice: string): SpiceTimeError {
  return new SpiceTimeError('SETTINGS_MALFORMED', `The settings of the network solana can't be used: ${what}; ${advice}.`, {
    network: 'solana',
  })
}
