import type { NetworkSettings, RuntimeClient } from 'spicetime'

/** What `npm start` serves beside the app while its networks run on this machine. */
const FILE = 'spicetime-devnet.json'
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** Connects to the networks that `npm start` runs on this machine, where there are any. Only an app that is served from here asks. */
export async function connectDevnet(runtime: RuntimeClient): Promise<void> {
  if (!LOOPBACK.includes(location.hostname)) return
  const settings = await readDevnet()
  if (settings !== undefined) await runtime.configureNetworks(settings)
}

async function readDevnet(): Promise<NetworkSettings | undefined> {
  let text: string
  try {
    const response = await fetch(new URL(FILE, location.origin))
    if (!response.ok) return undefined
    text = await response.text()
  } catch {
    // Offline, or its server has ended: what was said before stays.
    return undefined
  }
  return parseDevnet(text)
}

/** Undefined for anything else: servers answer an unknown name with the app itself. */
export function parseDevnet(text: string): NetworkSettings | undefined {
  const file = parseJson(text)
  if (!isMap(file)) return undefined
  const solana = parseSolana(file['solana'])
  const holochain = parseHolochain(file['holochain'])
  const ipfs = parseIpfs(file['ipfs'])
  if (solana === undefined && holochain === undefined && ipfs === undefined) return undefined
  return {
    ...(solana === undefined ? {} : { solana }),
    ...(holochain === undefined ? {} : { holochain }),
    // Without a peer, content stays on this device.
    ipfs: ipfs ?? {},
  }
}

function parseSolana(solana: unknown): NetworkSettings['solana'] {
  if (!isMap(solana) || typeof solana['url'] !== 'string') return undefined
  const { url, websocketUrl, faucet } = solana
  return {
    cluster: url,
    ...(typeof websocketUrl === 'string' ? { websocket: websocketUrl } : {}),
    ...(typeof faucet === 'boolean' ? { faucet } : {}),
  }
}

/** Teams that try it out are two: one other device that holds an event is all there can be. */
function parseHolochain(holochain: unknown): NetworkSettings['holochain'] {
  if (!isMap(holochain) || typeof holochain['endpoint'] !== 'string' || typeof holochain['token'] !== 'string') return undefined
  return { endpoint: holochain['endpoint'], token: holochain['token'], confirmedBy: 1, finalBy: 1 }
}

function parseIpfs(ipfs: unknown): NetworkSettings['ipfs'] {
  if (!isMap(ipfs) || typeof ipfs['peer'] !== 'string' || typeof ipfs['gateway'] !== 'string') return undefined
  const pin = parsePins(ipfs['pins'])
  return pin === undefined ? undefined : { peers: [ipfs['peer']], gateways: [ipfs['gateway']], pins: [pin] }
}

type PinSettings = NonNullable<NonNullable<NetworkSettings['ipfs']>['pins']>[number]

function parsePins(pins: unknown): PinSettings | undefined {
  if (!isMap(pins) || typeof pins['url'] !== 'string') return undefined
  const { kind, url, token } = pins
  if (kind === 'kubo') return { kind, url, name: 'Kubo on this machine' }
  return kind === 'service' && typeof token === 'string' ? { kind, url, token, name: 'IPFS peer on this machine' } : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
