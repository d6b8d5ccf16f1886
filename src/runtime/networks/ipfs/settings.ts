import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { IpfsPinSettings, IpfsSettings } from '../../model/network-settings.js'

/** What the app said of IPFS, checked and completed. */
export type ParsedSettings = Required<IpfsSettings>

const KNOWN: readonly string[] = [
  'peers',
  'gateways',
  'pins',
  'pinsForFinal',
  'cacheBytes',
  'fetchDeadline',
] satisfies readonly (keyof IpfsSettings)[]
const KNOWN_OF_PIN: readonly string[] = ['kind', 'url', 'token', 'name']
const MOST_NAMED = 32
const LONGEST_TOKEN = 4096
const DEFAULT_CACHE = 256 * 1024 * 1024
const DEFAULT_DEADLINE = 30_000
const LEAST_DEADLINE = 100
const MOST_DEADLINE = 3_600_000

/** @throws SpiceTimeError SETTINGS_MALFORMED, naming the setting */
export function parseSettings(foreign: unknown): ParsedSettings {
  const settings = fieldsOf(foreign, 'they are not a map')
  const stranger = Object.keys(settings).find((key) => !KNOWN.includes(key))
  if (stranger !== undefined) throw malformed(`'${stranger.slice(0, 40)}' is no setting; known are ${KNOWN.join(', ')}`)
  const pins = parseList(settings['pins'], 'pins', parsePin)
  const pinsForFinal = parseNumber(settings['pinsForFinal'] ?? pins.length, 'pinsForFinal', {
    least: Math.min(1, pins.length),
    most: pins.length,
  })
  return {
    peers: parseList(settings['peers'], 'peers', parsePeer),
    gateways: parseList(settings['gateways'], 'gateways', (each, setting) => parseUrl(each, setting)),
    pins,
    pinsForFinal,
    cacheBytes: parseNumber(settings['cacheBytes'] ?? DEFAULT_CACHE, 'cacheBytes', { least: 0, most: Number.MAX_SAFE_INTEGER }),
    fetchDeadline: parseNumber(settings['fetchDeadline'] ?? DEFAULT_DEADLINE, 'fetchDeadline', {
      least: LEAST_DEADLINE,
      most: MOST_DEADLINE,
    }),
  }
}

function parseList<T>(foreign: unknown, setting: string, parse: (each: unknown, setting: string) => T): readonly T[] {
  if (foreign === undefined) return []
  if (!Array.isArray(foreign) || foreign.length > MOST_NAMED) throw malformed(`'${setting}' is no list of at most ${MOST_NAMED}`)
  return foreign.map((each: unknown, at) => parse(each, `${setting}[${at}]`))
}

/** A browser can dial nothing but WebSockets, and a peer without an id could be anybody. */
const PEER = /^\/(dns|dns4|dns6|ip4|ip6)\/[^/]+\/tcp\/\d{1,5}\/(ws|wss|tls\/ws|tls\/sni\/[^/]+\/ws)\/p2p\/[1-9A-HJ-NP-Za-z]{40,80}$/

function parsePeer(foreign: unknown, setting: string): string {
  if (typeof foreign === 'string' && PEER.test(foreign)) return foreign
  throw malformed(`'${setting}' is no multiaddr of a WebSocket with the peer's id, such as /dns4/peer.example/tcp/443/wss/p2p/12D3…`)
}

function parsePin(foreign: unknown, setting: string): IpfsPinSettings {
  const fields = fieldsOf(foreign, `'${setting}' is no map`)
  const stranger = Object.keys(fields).find((key) => !KNOWN_OF_PIN.includes(key))
  if (stranger !== undefined) throw malformed(`'${setting}.${stranger.slice(0, 40)}' is no setting; known are ${KNOWN_OF_PIN.join(', ')}`)
  const url = parseUrl(fields['url'], `${setting}.url`)
  const name = fields['name'] === undefined ? {} : { name: parseText(fields['name'], `${setting}.name`) }
  const token = fields['token'] === undefined ? undefined : parseText(fields['token'], `${setting}.token`)
  if (fields['kind'] === 'kubo') return { kind: 'kubo', url, ...name, ...(token === undefined ? {} : { token }) }
  if (fields['kind'] !== 'service') throw malformed(`'${setting}.kind' is neither 'kubo' nor 'service'`)
  if (token === undefined) throw malformed(`'${setting}.token' is missing`)
  return { kind: 'service', url, token, ...name }
}

function parseUrl(foreign: unknown, setting: string): string {
  const url = typeof foreign === 'string' && URL.canParse(foreign) ? new URL(foreign) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw malformed(`'${setting}' is not a URL that starts with http:// or https://`)
  if (url.username !== '' || url.password !== '') throw malformed(`'${setting}' holds a name or password; give a token instead`)
  return url.href.replace(/\/$/, '')
}

function parseText(foreign: unknown, setting: string): string {
  if (typeof foreign === 'string' && /^[\x20-\x7e]+$/.test(foreign) && foreign.length <= LONGEST_TOKEN) return foreign
  throw malformed(`'${setting}' is not a text of printable characters`)
}

function parseNumber(foreign: unknown, setting: string, { least, most }: { readonly least: number; readonly most: number }): number {
  if (typeof foreign === 'number' && Number.isSafeInteger(foreign) && foreign >= least && foreign <= most) return foreign
  throw malformed(`'${setting}' is not a whole number from ${least} to ${most}`)
}

function fieldsOf(foreign: unknown, otherwise: string): Readonly<Record<string, unknown>> {
  if (typeof foreign !== 'object' || foreign === null || Array.isArray(foreign)) throw malformed(otherwise)
  return { ...foreign }
}

function malformed(what: string): SpiceTimeError {
  return new SpiceTimeError(
    'SETTINGS_MALFORMED',
    `The settings of the network ipfs can't be used: ${what}. Give {} to keep content on this device, and peers, gateways or pins to share it.`,
    { network: 'ipfs' },
  )
}
