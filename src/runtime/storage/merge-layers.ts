import type { KeyRange, StoreEntry } from './store.js'
import type { SortedMap } from './sorted-map.js'

/** Changes on top of what is stored: a key with undefined is removed. */
export type Layer = SortedMap<Uint8Array | undefined>

/**
 * What a reader sees of `range`: the layers, newest first, over the stored entries.
 * `base` holds all stored entries of the range, in the range's direction; at most `range.limit` entries come back.
 */
export function mergeLayers(layers: readonly Layer[], base: readonly StoreEntry[], range: KeyRange): readonly StoreEntry[] {
  const limit = range.limit ?? Infinity
  const walks = layers.map((layer) => new Walk(layer, range)).filter((walk) => walk.key !== undefined)
  if (walks.length === 0) return base.length > limit ? base.slice(0, limit) : base
  const result: StoreEntry[] = []
  let at = 0
  while (result.length < limit) {
    const stored = base[at]
    const change = first(walks, range.reverse === true)
    if (change === undefined && stored === undefined) break
    if (change === undefined || (stored !== undefined && comesBefore(stored[0], change.key, range.reverse))) {
      if (stored !== undefined) result.push(stored)
      at++
      continue
    }
    if (stored !== undefined && stored[0] === change.key) at++
    if (change.value !== undefined) result.push([change.key, change.value])
    for (const walk of walks) if (walk.key === change.key) walk.advance()
  }
  return result
}

/** The value a key has in the newest layer that knows it; `found` tells a removal from ignorance. */
export function lookUp(layers: readonly Layer[], key: string): { readonly value: Uint8Array | undefined } | undefined {
  for (const layer of layers) if (layer.has(key)) return { value: layer.get(key) }
  return undefined
}

class Walk {
  readonly #entries: Iterator<[string, Uint8Array | undefined]>
  key: string | undefined
  value: Uint8Array | undefined

  constructor(layer: Layer, range: KeyRange) {
    this.#entries = layer.walk(range)
    this.advance()
  }

  advance(): void {
    const next = this.#entries.next()
    this.key = next.done === true ? undefined : next.value[0]
    this.value = next.done === true ? undefined : next.value[1]
  }
}

/** The walk's foremost change; of several for one key the newest, since newer layers come first. */
function first(walks: readonly Walk[], reverse: boolean): { readonly key: string; readonly value: Uint8Array | undefined } | undefined {
  let best: { readonly key: string; readonly value: Uint8Array | undefined } | undefined
  for (const { key, value } of walks) {
    if (key !== undefined && (best === undefined || comesBefore(key, best.key, reverse))) best = { key, value }
  }
  return best
}

function comesBefore(left: string, right: string, reverse: boolean | undefined): boolean {
  return reverse === true ? left > right : left < right
}
