import type { CID } from 'multiformats/cid'
import { FILE_CHUNK_BYTES } from '../content.js'
import { cidOf, DAG_PB, RAW } from './content-id.js'
import { encodeFileNode } from './file-node.js'
import type { FileLink } from './file-node.js'
import { mapAhead } from './read-ahead.js'

/** Links of one node: Kubo's own number. */
export const LINKS_PER_NODE = 174
/** Leaves that are hashed at once. */
const HASHED_AT_ONCE = 4

export interface MadeBlock {
  readonly cid: CID
  readonly bytes: Uint8Array<ArrayBuffer>
}

/**
 * The blocks of a file, leaves before the nodes above them: a balanced tree over raw leaves of 256 KiB, as `ipfs add --cid-version=1 --raw-leaves` makes.
 * The last block is the file's root. Holds no more than a few leaves.
 */
export async function* fileBlocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<MadeBlock> {
  const tree = new TreeBuilder()
  for await (const leaf of mapAhead(chunksOf(source), HASHED_AT_ONCE, leafOf)) {
    yield leaf
    const { byteLength } = leaf.bytes
    yield* tree.push(0, { cid: leaf.cid, fileBytes: byteLength, treeBytes: byteLength })
  }
  yield* tree.finish()
}

async function leafOf(bytes: Uint8Array<ArrayBuffer>): Promise<MadeBlock> {
  return { cid: await cidOf(RAW, bytes), bytes }
}

/** Pieces of exactly a leaf's size, but the last; one empty piece of an empty source. Copies: the source may use its bytes again. */
async function* chunksOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let chunk = new Uint8Array(FILE_CHUNK_BYTES)
  let filled = 0
  let any = false
  for await (const piece of source) {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + FILE_CHUNK_BYTES - filled)
      chunk.set(part, filled)
      filled += part.length
      at += part.length
      if (filled < FILE_CHUNK_BYTES) continue
      any = true
      yield chunk
      chunk = new Uint8Array(FILE_CHUNK_BYTES)
      filled = 0
    }
  }
  if (filled > 0 || !any) yield chunk.slice(0, filled)
}

/** Puts a node over every 174 parts as soon as they are there. */
class TreeBuilder {
  readonly #levels: { open: FileLink[]; total: number }[] = []

  async *push(level: number, link: FileLink): AsyncGenerator<MadeBlock> {
    const at = (this.#levels[level] ??= { open: [], total: 0 })
    at.open.push(link)
    at.total += 1
    if (at.open.length === LINKS_PER_NODE) yield* this.#close(level, at)
  }

  async *finish(): AsyncGenerator<MadeBlock> {
    for (let level = 0; level < this.#levels.length; level++) {
      const at = this.#levels[level]
      if (at === undefined || at.open.length === 0) continue
      // The only part of the highest level is the root.
      if (at.total > 1) yield* this.#close(level, at)
    }
  }

  async *#close(level: number, at: { open: FileLink[] }): AsyncGenerator<MadeBlock> {
    const links = at.open
    at.open = []
    const bytes = new Uint8Array(encodeFileNode(links))
    const cid = await cidOf(DAG_PB, bytes)
    yield { cid, bytes }
    const sum = (of: (link: FileLink) => number): number => links.reduce((total, link) => total + of(link), 0)
    yield* this.push(level + 1, {
      cid,
      fileBytes: sum(({ fileBytes }) => fileBytes),
      treeBytes: bytes.length + sum(({ treeBytes }) => treeBytes),
    })
  }
}
