import { asSpiceTimeError } from './errors/spice-time-error.js'
import type { Diagnostics } from './diagnostics/diagnostics.js'
import type { Network } from './model/network.js'
import type { SpaceReference } from './model/event.js'
import type { DeviceParts, EventLists, NetworkRows, NetworkSpace, NetworkSpaces, PageServices } from './networks/registry.js'
import type { SpaceManager, SpaceNeeds } from './spaces/space-manager.js'
import type { BlockStore } from './storage/block-store.js'
import type { KeyStore } from './storage/key-store.js'
import { prefixRange } from './storage/store.js'
import type { Store } from './storage/store.js'

export interface Device {
  readonly store: Store
  readonly keys: KeyStore
  readonly diagnostics: Diagnostics
  readonly spaces: SpaceManager
  readonly needs: SpaceNeeds
  readonly pages: () => Promise<PageServices>
  readonly blocks: () => Promise<BlockStore>
}

/** What every network gets of the others. */
export interface SharedParts {
  readonly lists: () => Promise<EventLists>
}

/** What one network gets of this device; `ready` before its provider starts. */
export interface PreparedParts extends DeviceParts {
  /** Makes the secrets of the spaces that are known. */
  ready(): Promise<void>
}

export function devicePartsFor(network: Network, device: Device & SharedParts): PreparedParts {
  const spaces = new SpacesOfNetwork(network, device)
  return {
    rows: rowsOf(network, device.store),
    keys: keysOf(network, device.keys),
    spaces,
    pages: device.pages,
    blocks: device.blocks,
    lists: device.lists,
    ready: () => spaces.refresh(),
  }
}

/** Rows under the network's own prefix. */
function rowsOf(network: Network, store: Store): NetworkRows {
  const prefix = `n/${network}/`
  return {
    get: (key) => store.get(prefix + key),
    async list(start) {
      const rows: (readonly [string, Uint8Array])[] = []
      for await (const page of store.range(prefixRange(prefix + start))) {
        for (const [key, value] of page) rows.push([key.slice(prefix.length), value])
      }
      return rows
    },
    write: (changes) => store.write(changes.map(([key, value]) => [prefix + key, value])),
  }
}

/** A network's keys have names of their own: none can take the author's key, or another network's. */
function keysOf(network: Network, keys: KeyStore): KeyStore {
  return {
    needsExtractable: keys.needsExtractable,
    get: (name) => keys.get(`network/${network}/${name}`),
    put: (name, key) => keys.put(`network/${network}/${name}`, key),
  }
}

/** The device's spaces with the secret that each has for this network. */
class SpacesOfNetwork implements NetworkSpaces {
  readonly #network: Network
  readonly #device: Device
  readonly #secrets = new Map<SpaceReference, Uint8Array>()
  readonly #listeners = new Set<() => void>()

  constructor(network: Network, device: Device) {
    this.#network = network
    this.#device = device
    device.needs.onChange(() => this.#changed())
  }

  list(): readonly NetworkSpace[] {
    return this.#device.spaces.list().flatMap((space) => {
      const secret = this.#secrets.get(space.reference)
      return secret === undefined ? [] : [{ reference: space.reference, needs: this.#device.needs.of(space), secret }]
    })
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async refresh(): Promise<void> {
    const { spaces } = this.#device
    const missing = spaces.list().filter(({ reference }) => !this.#secrets.has(reference))
    await Promise.all(missing.map(async ({ id, reference }) => this.#secrets.set(reference, await spaces.secretFor(id, this.#network))))
  }

  #changed(): void {
    this.refresh().then(
      () => this.#listeners.forEach((listener) => listener()),
      (error: unknown) => {
        const { code, message } = asSpiceTimeError(error)
        this.#device.diagnostics.emit({ kind: 'background-failed', task: `telling ${this.#network} of a space`, code, reason: message })
      },
    )
  }
}
