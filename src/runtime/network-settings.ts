import { decodeFields } from './codec/dag-cbor.js'
import { asSpiceTimeError } from './errors/spice-time-error.js'
import type { Diagnostics } from './diagnostics/diagnostics.js'
import { isNetwork } from './model/network.js'
import type { Network } from './model/network.js'
import type { ValueMap } from './model/value.js'
import { prefixRange } from './storage/store.js'
import type { Store } from './storage/store.js'

/** What was said of each network, as plain values that its provider understands. */
export type SettingsByNetwork = ReadonlyMap<Network, ValueMap>

export const SETTINGS_ROW = '+/g/'

/** The settings as stored; a row that can't be read is told and left out: the app says them again. */
export async function readNetworkSettings(store: Store, diagnostics: Diagnostics): Promise<SettingsByNetwork> {
  const settings = new Map<Network, ValueMap>()
  for await (const page of store.range(prefixRange(SETTINGS_ROW))) {
    for (const [key, row] of page) {
      const network = key.slice(SETTINGS_ROW.length)
      if (!isNetwork(network)) continue
      try {
        settings.set(network, decodeFields(row))
      } catch (error) {
        diagnostics.emit({ kind: 'record-damaged', key, reason: asSpiceTimeError(error).message })
      }
    }
  }
  return settings
}
