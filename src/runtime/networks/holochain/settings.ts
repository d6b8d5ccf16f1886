import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { HolochainSettings } from '../../model/network-settings.js'

/** What the app said of Holochain, checked and completed. */
export interface ParsedSettings {
  /** Who answers for this device's conductor. */
  readonly source: 'page' | { readonly url: string; readonly token: string }
  readonly confirmedBy: number
  readonly finalBy: number
  readonly snapshotEvery: number
}

const KNOWN: readonly string[] = [
  'endpoint',
  'token',
  'confirmedBy',
  'finalBy',
  'snapshotEvery',
] satisfies readonly (keyof HolochainSettings)[]
const DEFAULT_CONFIRMED_BY = 2
const DEFAULT_FINAL_BY = 3
const DEFAULT_SNAPSHOT_EVERY = 5_000
const MOST_HOLDERS = 1_000
const LONGEST_TOKEN = 512

/** @throws SpiceTimeError SETTINGS_MALFORMED, naming the setting */
export function parseSettings(foreign: unknown): ParsedSettings {
  if (typeof foreign !== 'object' || foreign === null || Array.isArray(foreign)) throw malformed('they are not a map')
  const settings: Readonly<Record<string, unknown>> = { ...foreign }
  const stranger = Object.keys(settings).find((key) => !KNOWN.includes(key))
  if (stranger !== undefined) throw malformed(`'${stranger.slice(0, 40)}' is no setting; known are ${KNOWN.join(', ')}`)
  const confirmedBy = parseCount(settings['confirmedBy'] ?? DEFAULT_CONFIRMED_BY, 'confirmedBy')
  const finalBy = parseCount(settings['finalBy'] ?? Math.max(DEFAULT_FINAL_BY, confirmedBy), 'finalBy')
  if (finalBy < confirmedBy) throw malformed("'finalBy' is less than 'confirmedBy'")
  const snapshotEvery = parseEvery(settings['snapshotEvery'] ?? DEFAULT_SNAPSHOT_EVERY)
  return { source: parseSource(settings), confirmedBy, finalBy, snapshotEvery }
}

function parseSource(settings: Readonly<Record<string, unknown>>): ParsedSettings['source'] {
  if (settings['endpoint'] !== 'page') return { url: parseUrl(settings['endpoint']), token: parseToken(settings['token']) }
  if (settings['token'] !== undefined) throw malformed("a page's conductor has no 'token'")
  return 'page'
}

function parseUrl(foreign: unknown): string {
  const url = typeof foreign === 'string' && URL.canParse(foreign) ? new URL(foreign) : undefined
  if (url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href
  throw malformed("'endpoint' is neither 'page' nor a URL that starts with http:// or https://")
}

function parseToken(foreign: unknown): string {
  if (typeof foreign === 'string' && /^[\x21-\x7e]+$/.test(foreign) && foreign.length <= LONGEST_TOKEN) return foreign
  throw malformed("'token' is not a text of printable characters without spaces")
}

function parseCount(foreign: unknown, setting: string): number {
  if (typeof foreign === 'number' && Number.isSafeInteger(foreign) && foreign >= 1 && foreign <= MOST_HOLDERS) return foreign
  throw malformed(`'${setting}' is not a number from 1 to ${MOST_HOLDERS}`)
}

function parseEvery(foreign: unknown): number {
  if (typeof foreign === 'number' && Number.isSafeInteger(foreign) && foreign >= 0) return foreign
  throw malformed("'snapshotEvery' is not a whole number of events, or 0")
}

function malformed(what: string): SpiceTimeError {
  return new SpiceTimeError(
    'SETTINGS_MALFORMED',
    `The settings of the network holochain can't be used: ${what}. Give { endpoint, token } of this device's conductor, or { endpoint: 'page' } when a page offers one.`,
    { network: 'holochain' },
  )
}
