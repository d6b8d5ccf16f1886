import { decodeFields, encode } from './codec/dag-cbor.js'
import { SpiceTimeError } from './errors/spice-time-error.js'
import { isNetwork } from './model/network.js'
import type { Network } from './model/network.js'
import { isValueMap } from './model/value.js'
import type { ValueMap } from './model/value.js'
import { SETTINGS_ROW } from './network-settings.js'
import type { SettingsByNetwork } from './network-settings.js'
import { checkSettings } from './networks/registry.js'
import type { StoreChange } from './storage/store.js'

/**
 * Reads what an app says of its networks.
 * @throws SpiceTimeError SETTINGS_MALFORMED, naming the network and the setting
 */
export async function parseNetworkSettings(foreign: unknown): Promise<SettingsByNetwork> {
  if (typeof foreign !== 'object' || foreign === null || Array.isArray(foreign)) throw malformed('they are not a map by network')
  const parsed = new Map<Network, ValueMap>()
  for (const [name, given] of Object.entries(foreign)) {
    if (given === undefined) continue
    if (!isNetwork(name) || name === 'local') throw malformed(`'${name.slice(0, 40)}' is no network that can be set up`)
    const settings = plain(name, given)
    await checkSettings(name, settings)
    parsed.set(name, settings)
  }
  return parsed
}

/** What differs between two settings, as rows. */
export function settingsChanges(before: SettingsByNetwork, after: SettingsByNetwork): ReadonlyMap<Network, StoreChange> {
  const changes = new Map<Network, StoreChange>()
  for (const network of new Set([...before.keys(), ...after.keys()])) {
    const [old, next] = [rowOf(before.get(network)), rowOf(after.get(network))]
    if (old?.join() !== next?.join()) changes.set(network, [SETTINGS_ROW + network, next])
  }
  return changes
}

function rowOf(settings: ValueMap | undefined): Uint8Array | undefined {
  return settings === undefined ? undefined : encode(settings)
}

/** A copy without what is undefined: only data can be kept. */
function plain(network: Network, given: unknown): ValueMap {
  if (typeof given === 'object' && given !== null) {
    const entries = Object.entries(given).filter(([, value]) => value !== undefined)
    try {
      const copy = decodeFields(encode(Object.fromEntries(entries)))
      if (isValueMap(copy) && !Array.isArray(given)) return copy
    } catch (error) {
      throw malformed(`those of ${network} are not plain data`, error)
    }
  }
  throw malformed(`those of ${network} are not a map`)
}

function malformed(what: string, cause?: unknown): SpiceTimeError {
  return new SpiceTimeError(
    'SETTINGS_MALFORMED',
    `The settings of the networks can't be used: ${what}. Give an object such as { solana: { cluster: 'devnet' } }.`,
    {},
    cause,
  )
}
