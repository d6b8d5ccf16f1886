import type { HeliaInit } from 'helia'
import { CID } from 'multiformats/cid'
import * as digests from 'multiformats/hashes/digest'
import { fromBase32 } from '../../codec/base32.js'
import type { BlockStore, NamedBlock } from '../../storage/block-store.js'
import { blockName, RAW } from './content-id.js'

type HeliaBlockstore = NonNullable<HeliaInit['blockstore']>
type InputPair = Parameters<HeliaBlockstore['putMany']>[0] extends Iterable<infer P> | AsyncIterable<infer P> ? P : never
type Pair = ReturnType<HeliaBlockstore['getMany']> extends AsyncGenerator<infer P> | Generator<infer P> ? P : never

/** What one transaction of the block store takes at most: little enough to be held in memory twice. */
const BATCH_BYTES = 2 * 1024 * 1024
const BATCH_BLOCKS = 64

/** What Helia stores into: the device's blocks. A block that was put is committed. */
export class HeliaBlocks implements HeliaBlockstore {
  readonly #store: BlockStore
  readonly #touched = new Set<Set<string>>()
  #deleting: { readonly names: ReadonlySet<string>; readonly done: Promise<unknown> } | undefined

  constructor(store: BlockStore) {
    this.#store = store
  }

  /** Names of all blocks that are looked for or put until the returned function is called: they must not be collected meanwhile. */
  watch(names: Set<string>): () => void {
    this.#touched.add(names)
    return () => this.#touched.delete(names)
  }

  /** Deletes what nobody who watches has touched. Who looks for one of them meanwhile is told once it is gone. */
  async collect(names: readonly string[]): Promise<void> {
    const unused = names.filter((name) => ![...this.#touched].some((touched) => touched.has(name)))
    if (unused.length === 0) return
    const done = this.#store.delete(unused)
    this.#deleting = { names: new Set(unused), done }
    try {
      await done
    } finally {
      this.#deleting = undefined
    }
  }

  async put(cid: CID, block: InputPair['bytes']): Promise<CID> {
    const name = blockName(cid)
    await this.#touch(name)
    await this.#store.put([[name, await bytesOf(block)]])
    return cid
  }

  async *putMany(source: Iterable<InputPair> | AsyncIterable<InputPair>): AsyncGenerator<CID> {
    let batch: { readonly cids: CID[]; readonly blocks: NamedBlock[]; bytes: number } = { cids: [], blocks: [], bytes: 0 }
    let flying: { readonly cids: readonly CID[]; readonly done: Promise<void> } | undefined
    try {
      for await (const { cid, bytes } of source) {
        const name = blockName(cid)
        await this.#touch(name)
        const block = await bytesOf(bytes)
        batch.cids.push(cid)
        batch.blocks.push([name, block])
        batch.bytes += block.byteLength
        if (batch.bytes < BATCH_BYTES && batch.blocks.length < BATCH_BLOCKS) continue
        // One transaction is under way while the next one's blocks are made.
        await flying?.done
        if (flying !== undefined) yield* flying.cids
        flying = { cids: batch.cids, done: this.#store.put(batch.blocks) }
        flying.done.catch(() => undefined)
        batch = { cids: [], blocks: [], bytes: 0 }
      }
    } finally {
      // Whoever cleans up after a source that failed must not be overtaken by it.
      await flying?.done.catch(() => undefined)
    }
    await flying?.done
    if (flying !== undefined) yield* flying.cids
    await this.#store.put(batch.blocks)
    yield* batch.cids
  }

  async *get(cid: CID): AsyncGenerator<Uint8Array> {
    yield await this.#read(cid)
  }

  async *getMany(source: Iterable<CID> | AsyncIterable<CID>): AsyncGenerator<Pair> {
    for await (const cid of source) yield { cid, bytes: this.get(cid) }
  }

  async has(cid: CID): Promise<boolean> {
    const name = blockName(cid)
    await this.#touch(name)
    return await this.#store.has(name)
  }

  delete(cid: CID): Promise<void> {
    return this.#store.delete([blockName(cid)])
  }

  async *deleteMany(source: Iterable<CID> | AsyncIterable<CID>): AsyncGenerator<CID> {
    for await (const cid of source) {
      await this.delete(cid)
      yield cid
    }
  }

  async *getAll(): AsyncGenerator<Pair> {
    for await (const page of this.#store.list()) {
      for (const { name } of page) {
        const cid = CID.createV1(RAW, digests.decode(fromBase32(name)))
        yield { cid, bytes: this.get(cid) }
      }
    }
  }

  async #read(cid: CID): Promise<Uint8Array> {
    const bytes = await this.#store.get(blockName(cid))
    if (bytes !== undefined) return bytes
    throw Object.assign(new Error(`The block ${cid.toString()} is not on this device`), { name: 'NotFoundError' })
  }

  /** Says that a block is needed, before anything is asked of the store. */
  async #touch(name: string): Promise<void> {
    for (const names of this.#touched) names.add(name)
    if (this.#deleting?.names.has(name) === true) await this.#deleting.done.catch(() => undefined)
  }
}

/** The bytes of one block, whatever it comes in. */
export async function bytesOf(source: InputPair['bytes']): Promise<Uint8Array<ArrayBuffer>> {
  if (source instanceof Uint8Array)
    return source.buffer instanceof ArrayBuffer
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source)
  const parts: Uint8Array[] = []
  for await (const part of source) parts.push(part)
  const [only] = parts
  if (only !== undefined && parts.length === 1) return await bytesOf(only)
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.byteLength
  }
  return bytes
}
