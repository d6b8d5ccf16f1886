import { decodeFields, encode } from '../../codec/dag-cbor.js'
import type { Platform } from '../../platform/platform.js'
import type { NetworkRows } from '../provider-parts.js'
import type { BlockStore } from '../../storage/block-store.js'
import { blockName, parseCid } from './content-id.js'
import { walkDag } from './dag-links.js'
import type { HeliaNode } from './helia-node.js'
import type { KeptContents } from './kept-content.js'

export interface CollectorParts {
  readonly platform: Platform
  readonly node: HeliaNode
  readonly store: BlockStore
  readonly rows: NetworkRows
  readonly kept: KeptContents
  /** Most bytes of what is not kept. */
  readonly cacheBytes: number
}

export interface StorageUse {
  readonly blocks: number
  readonly bytes: number
}

const CACHED = 'cache/'
const ADDING = 'adding/'
/** Milliseconds after which the time of a use is written again. */
const USE_STEP = 60_000
const DELETED_AT_ONCE = 256

/**
 * Takes away what nobody keeps: leftovers of what was interrupted at once, and what was fetched from others once it is more than the cache may hold, what
 * was used longest ago first. What this device keeps stays.
 */
export class Collector {
  readonly #parts: CollectorParts
  #running: Promise<unknown> = Promise.resolve()
  #next: Promise<StorageUse> | undefined
  #adding = 0
  use: StorageUse | undefined

  constructor(parts: CollectorParts) {
    this.#parts = parts
  }

  /** Something is being added: should this device be killed meanwhile, the next start cleans up. The returned function ends it. */
  async begin(): Promise<() => Promise<void>> {
    const { rows, platform } = this.#parts
    const key = `${ADDING}${platform.now()}-${this.#adding++}`
    await rows.write([[key, encode(1)]])
    return () => rows.write([[key, undefined]])
  }

  /** Cleans up after a kill, where there was one. */
  async resume(): Promise<void> {
    const { rows } = this.#parts
    const left = await rows.list(ADDING)
    if (left.length === 0) return
    await this.collect()
    await rows.write(left.map(([key]) => [key, undefined]))
  }

  /** Others' content was asked for. */
  async used(cid: string): Promise<void> {
    const { rows, kept, platform } = this.#parts
    const row = await rows.get(CACHED + cid)
    const { at } = row === undefined ? {} : decodeFields(row)
    if (typeof at === 'number' && platform.now() - at < USE_STEP) return
    if (row === undefined && (await kept.get(cid)) !== undefined) return
    await rows.write([[CACHED + cid, encode({ at: platform.now() })]])
  }

  /** Collects once what is under way has ended: that spares all that was touched since it began. Who asks before it begins shares it. */
  collect(): Promise<StorageUse> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined
      const running = this.#collect()
      this.#running = running.catch(() => undefined)
      return running
    })
    return this.#next
  }

  async #collect(): Promise<StorageUse> {
    const { store, node } = this.#parts
    // What is looked for or put from now on stays, whatever is marked.
    const touched = new Set<string>()
    const unwatch = node.blocks.watch(touched)
    try {
      const sizes = new Map<string, number>()
      for await (const page of store.list()) for (const { name, bytes } of page) sizes.set(name, bytes)
      const marked = await this.#mark(sizes)
      const unused = [...sizes.keys()].filter((name) => !marked.has(name))
      for (let at = 0; at < unused.length; at += DELETED_AT_ONCE) await node.blocks.collect(unused.slice(at, at + DELETED_AT_ONCE))
      const bytes = [...marked].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0)
      this.use = { blocks: marked.size, bytes }
      return this.use
    } finally {
      unwatch()
    }
  }

  /** The names of all blocks that stay. */
  async #mark(sizes: ReadonlyMap<string, number>): Promise<Set<string>> {
    const { kept, cacheBytes } = this.#parts
    const marked = new Set<string>()
    for (const { cid } of await kept.list()) await this.#markBelow(cid, sizes, (name) => (marked.add(name), true))
    const cached: { readonly cid: string; readonly at: number }[] = []
    for (const [key, row] of await this.#parts.rows.list(CACHED)) {
      const { at } = decodeFields(row)
      cached.push({ cid: key.slice(CACHED.length), at: typeof at === 'number' ? at : 0 })
    }
    let room = cacheBytes
    const dropped: string[] = []
    for (const { cid } of cached.toSorted((a, b) => b.at - a.at)) {
      if (room <= 0) dropped.push(cid)
      await this.#markBelow(cid, sizes, (name) => {
        if (marked.has(name)) return true
        room -= sizes.get(name) ?? 0
        if (room < 0) return false
        marked.add(name)
        return true
      })
    }
    await this.#parts.rows.write(dropped.map((cid) => [CACHED + cid, undefined]))
    return marked
  }

  async #markBelow(cid: string, sizes: ReadonlyMap<string, number>, mark: (name: string) => boolean): Promise<void> {
    const { node } = this.#parts
    for await (const { cid: each } of walkDag(parseCid(cid), (block) => node.local(block))) {
      const name = blockName(each)
      if (sizes.has(name) && !mark(name)) return
    }
  }
}
