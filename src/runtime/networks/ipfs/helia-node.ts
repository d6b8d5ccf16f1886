// The order counts: Helia needs it while its modules are evaluated.
import './with-resolvers.js'
import { createHeliaLight } from 'helia'
import type { Helia } from 'helia'
import type { CID } from 'multiformats/cid'
import { asSpiceTimeError, isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { BlockStore } from '../../storage/block-store.js'
import type { BlockSources } from './block-sources.js'
import { blockName, isOf } from './content-id.js'
import type { MadeBlock } from './file-writer.js'
import { bytesOf, HeliaBlocks } from './helia-blocks.js'
import { calledOff, contentNotFound } from './ipfs-errors.js'

export interface HeliaNodeParts {
  readonly sources: BlockSources
  /** A block came to be here. */
  readonly announce: (cid: CID) => Promise<void>
}

/** Helia over this device's blocks: it alone stores and fetches, and asks nobody but the sources. */
export class HeliaNode {
  readonly helia: Helia
  readonly blocks: HeliaBlocks
  readonly #store: BlockStore
  readonly #announce: HeliaNodeParts['announce']

  private constructor(
    helia: Helia,
    { blocks, store, announce }: { blocks: HeliaBlocks; store: BlockStore } & Pick<HeliaNodeParts, 'announce'>,
  ) {
    this.helia = helia
    this.blocks = blocks
    this.#store = store
    this.#announce = announce
  }

  /** No codec, no router, no gateway: what Helia would contact of itself is left out. */
  static async open(store: BlockStore, { sources, announce }: HeliaNodeParts): Promise<HeliaNode> {
    const blocks = new HeliaBlocks(store)
    const retrieve = (cid: CID, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Uint8Array> => sources.retrieve(cid, signal)
    const helia = createHeliaLight({
      blockstore: blocks,
      blockBrokers: [{ name: 'spicetime', retrieve, announce: (cid) => announce(cid) }],
    })
    await helia.start()
    return new HeliaNode(helia, { blocks, store, announce })
  }

  async close(): Promise<void> {
    await this.helia.stop()
  }

  /** Each block is committed when it is yielded. Past Helia, whose layers put one by one, each in a transaction of its own. @throws SpiceTimeError STORAGE_FULL, STORAGE_FAILED, and what the blocks throw */
  async *putMany(blocks: AsyncIterable<MadeBlock>): AsyncIterable<CID> {
    for await (const cid of this.blocks.putMany(blocks)) {
      await this.#announce(cid)
      yield cid
    }
  }

  async put({ cid, bytes }: MadeBlock): Promise<void> {
    await this.helia.blockstore.put(cid, bytes)
  }

  /** A block's bytes, checked: one that the device's disk spoiled counts as not there. @throws SpiceTimeError CONTENT_NOT_FOUND, CONTENT_UNAVAILABLE, CONTENT_DAMAGED, ABORTED */
  async load(cid: CID, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#get(cid, signal === undefined ? {} : { signal })
    if (await isOf(cid, bytes)) return bytes
    await this.#store.delete([blockName(cid)])
    return await this.#get(cid, signal === undefined ? {} : { signal })
  }

  /** A block of this device's; undefined where it has none. */
  async local(cid: CID): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = await this.#store.get(blockName(cid))
    return bytes !== undefined && (await isOf(cid, bytes)) ? bytes : undefined
  }

  has(cid: CID): Promise<boolean> {
    return this.#store.has(blockName(cid))
  }

  async #get(cid: CID, options: { readonly signal?: AbortSignal }): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return await bytesOf(this.helia.blockstore.get(cid, options))
    } catch (error) {
      throw failureOf(error, cid, options.signal)
    }
  }
}

/** Helia wraps what its brokers say. */
function failureOf(error: unknown, cid: CID, signal: AbortSignal | undefined): SpiceTimeError {
  if (signal?.aborted === true) return calledOff(signal.reason)
  const inner = error instanceof AggregateError ? error.errors.find((each) => isSpiceTimeError(each)) : undefined
  if (isSpiceTimeError(inner)) return inner
  if (error instanceof Error && error.name === 'NotFoundError') return contentNotFound(cid.toString(), [])
  return asSpiceTimeError(error, 'INTERNAL', { network: 'ipfs', cid: cid.toString() })
}
