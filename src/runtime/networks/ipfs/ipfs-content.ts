import type { Platform } from '../../platform/platform.js'
import { MAX_BLOCK_BYTES } from '../content.js'
import type { AddOptions, ContentAvailability, ContentOptions, ProviderContent, ReadContentOptions, StoredContent } from '../content.js'
import type { Availability } from './availability.js'
import type { Collector } from './collector.js'
import { cidOf, DAG_CBOR, parseCid } from './content-id.js'
import { walkDag } from './dag-links.js'
import { readFile } from './file-reader.js'
import { fileBlocks } from './file-writer.js'
import type { MadeBlock } from './file-writer.js'
import type { HeliaNode } from './helia-node.js'
import { calledOff, contentDamaged, ipfsError } from './ipfs-errors.js'
import type { KeptContents } from './kept-content.js'
import { abortable } from './read-ahead.js'

export interface IpfsContentParts {
  readonly platform: Platform
  readonly node: HeliaNode
  readonly kept: KeptContents
  readonly collector: Collector
  readonly availability: Availability
  /** Whether the settings name a peer or a pin service: gateways take nothing. */
  readonly isShared: boolean
}

/** Content of this device's Helia. */
export class IpfsContent implements ProviderContent {
  readonly #parts: IpfsContentParts

  constructor(parts: IpfsContentParts) {
    this.#parts = parts
  }

  reaches(): boolean {
    return this.#parts.isShared
  }

  async add(bytes: AsyncIterable<Uint8Array<ArrayBuffer>>, options: AddOptions): Promise<StoredContent> {
    const { space, signal, onProgress } = options
    const { node, kept, platform } = this.#parts
    let size = 0
    let root = ''
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const piece of abortable(bytes, signal, calledOff)) {
        size += piece.length
        onProgress?.(size)
        yield piece
      }
    }
    async function* made(): AsyncGenerator<MadeBlock> {
      for await (const block of fileBlocks(counted())) {
        root = block.cid.toString()
        yield block
      }
    }
    return await this.#keeping(async () => {
      for await (const _ of node.putMany(made())) if (signal?.aborted === true) throw calledOff(signal.reason)
      const known = (await kept.get(root)) !== undefined
      await options.onStored?.(root, known)
      await kept.keep({ cid: root, space, at: platform.now() })
      return { cid: root, size, known }
    })
  }

  async *read(cid: string, { offset = 0, length = Infinity, size, signal }: ReadContentOptions): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const root = parseCid(cid)
    await this.#parts.collector.used(root.toString())
    const end = Math.min(size, offset + length)
    if (offset >= end && size > 0) return
    const ended = new AbortController()
    const abort = (): void => ended.abort(signal?.reason)
    if (signal?.aborted === true) throw calledOff(signal.reason)
    signal?.addEventListener('abort', abort)
    try {
      yield* readFile(root, { offset, end, size }, (block) => this.#parts.node.load(block, ended.signal))
    } finally {
      signal?.removeEventListener('abort', abort)
      // What was loaded ahead is not waited for by anyone.
      ended.abort()
    }
  }

  async putBlock(bytes: Uint8Array<ArrayBuffer>, { space, signal }: AddOptions): Promise<string> {
    const { node, kept, platform } = this.#parts
    if (signal?.aborted === true) throw calledOff(signal.reason)
    if (bytes.length > MAX_BLOCK_BYTES)
      throw ipfsError('NETWORK_REFUSED', `A block has at most ${MAX_BLOCK_BYTES} bytes, not ${bytes.length}.`)
    const block = { cid: await cidOf(DAG_CBOR, bytes), bytes }
    const cid = block.cid.toString()
    return await this.#keeping(async () => {
      await node.put(block)
      await kept.keep({ cid, space, at: platform.now() })
      return cid
    })
  }

  async getBlock(cid: string, { signal }: ContentOptions): Promise<Uint8Array<ArrayBuffer>> {
    const root = parseCid(cid)
    if (root.code !== DAG_CBOR) throw contentDamaged(cid, 'it is no dag-cbor block')
    await this.#parts.collector.used(root.toString())
    const bytes = await this.#parts.node.load(root, signal)
    if (bytes.length > MAX_BLOCK_BYTES) throw contentDamaged(cid, `it has ${bytes.length} bytes, and a block may have ${MAX_BLOCK_BYTES}`)
    return bytes
  }

  async availability(cid: string): Promise<ContentAvailability> {
    const { node, kept, availability } = this.#parts
    const root = parseCid(cid)
    const pins = availability.reportsOf(root.toString())
    for await (const block of walkDag(root, (each) => node.local(each))) {
      if (!(await node.has(block.cid))) return { level: undefined, pins }
    }
    return { level: (await kept.get(root.toString()))?.level ?? 'sent', pins }
  }

  /** Services may keep it: another device of the space may have put just the same there. */
  async discard(cid: string): Promise<void> {
    const { kept, collector } = this.#parts
    await kept.forget([parseCid(cid).toString()])
    await collector.collect()
  }

  /** What the work looks for and puts is not collected before it has ended, and what it left when it failed is. */
  async #keeping<T>(work: () => Promise<T>): Promise<T> {
    const { node, collector, availability } = this.#parts
    const ended = await collector.begin()
    const unwatch = node.blocks.watch(new Set())
    let result: T
    try {
      result = await work()
    } catch (error) {
      unwatch()
      // What the disk refuses now, the next start does; the caller hears why the work failed.
      await collector
        .collect()
        .then(ended)
        .catch(() => undefined)
      throw error
    }
    unwatch()
    await ended()
    availability.wake()
    return result
  }
}
