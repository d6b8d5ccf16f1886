import type { CID } from 'multiformats/cid'
import { FILE_CHUNK_BYTES } from '../content.js'
import { checkedCid, DAG_PB, RAW } from './content-id.js'
import { decodeFileNode } from './file-node.js'
import type { FileNode } from './file-node.js'
import { contentDamaged } from './ipfs-errors.js'
import { mapAhead } from './read-ahead.js'

export interface FileRange {
  readonly offset: number
  readonly end: number
  /** Of the whole file. */
  readonly size: number
}

/** A block's bytes, checked against its CID. @throws SpiceTimeError as it can't be had */
export type LoadBlock = (cid: CID) => Promise<Uint8Array<ArrayBuffer>>

/** With 174 links a node, three levels hold 1.3 TB. */
const MAX_DEPTH = 12
const MAX_LINKS = 8192
/** A file that is cut into smaller pieces than this costs more to fetch than it is worth. */
const LEAST_AVERAGE_PIECE = 1024
/** Pieces that may be as small as they are. */
const FREE_BLOCKS = 1024
/** Leaves that are loaded at once. */
const LOADED_AT_ONCE = 8

/** Part of a file: a leaf to load, or bytes that lay in a node. */
type Piece =
  | { readonly cid: CID; readonly claimed: number; readonly start: number }
  | { readonly bytes: Uint8Array<ArrayBuffer>; readonly start: number }

/**
 * The bytes of a range of a file: loads what lies in it and nothing else.
 * @throws SpiceTimeError CONTENT_DAMAGED when the DAG is not the file that it should be; as a block can't be had
 */
export async function* readFile(root: CID, range: FileRange, load: LoadBlock): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const walk = new FileWalk(root, range, load)
  for await (const { bytes, start } of mapAhead(walk.pieces(), LOADED_AT_ONCE, (piece) => walk.bytesOf(piece))) {
    const part = bytes.subarray(Math.max(0, range.offset - start), Math.max(0, Math.min(bytes.length, range.end - start)))
    if (part.length > 0) yield part
  }
}

class FileWalk {
  readonly #root: CID
  readonly #range: FileRange
  readonly #load: LoadBlock
  #blocks = 0

  constructor(root: CID, range: FileRange, load: LoadBlock) {
    this.#root = root
    this.#range = range
    this.#load = load
  }

  pieces(): AsyncGenerator<Piece> {
    return this.#below({ cid: this.#root, claimed: this.#range.size, start: 0 }, 0)
  }

  async bytesOf(piece: Piece): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly start: number }> {
    if ('bytes' in piece) return piece
    const bytes = await this.#load(piece.cid)
    if (bytes.length !== piece.claimed) throw this.#damaged(`a piece of it has ${bytes.length} bytes and should have ${piece.claimed}`)
    return { bytes, start: piece.start }
  }

  async *#below(at: { readonly cid: CID; readonly claimed: number; readonly start: number }, depth: number): AsyncGenerator<Piece> {
    const { code } = checkedCid(at.cid)
    this.#count()
    if (code === RAW) {
      yield at
      return
    }
    if (code !== DAG_PB) throw this.#damaged('it is no file')
    if (depth >= MAX_DEPTH) throw this.#damaged(`it is more than ${MAX_DEPTH} levels deep`)
    const { data, links } = this.#checked(await this.#load(at.cid), at.claimed)
    let { start } = at
    if (data.length > 0 && this.#touches(start, data.length)) yield { bytes: data, start }
    start += data.length
    for (const { cid, fileBytes } of links) {
      if (this.#touches(start, fileBytes)) yield* this.#below({ cid, claimed: fileBytes, start }, depth + 1)
      start += fileBytes
    }
  }

  #checked(block: Uint8Array, claimed: number): FileNode & { readonly data: Uint8Array<ArrayBuffer> } {
    const node = this.#decode(block)
    const { data, links } = node
    if (links.length > MAX_LINKS) throw this.#damaged(`a node of it has more than ${MAX_LINKS} links`)
    const total = links.reduce((sum, { fileBytes }) => sum + fileBytes, data.length)
    if (total !== claimed) throw this.#damaged(`its parts claim ${total} bytes where ${claimed} should be`)
    return { links, data: new Uint8Array(data) }
  }

  #decode(block: Uint8Array): FileNode {
    try {
      return decodeFileNode(block)
    } catch (error) {
      throw this.#damaged(error instanceof Error ? error.message : String(error))
    }
  }

  #touches(start: number, length: number): boolean {
    return length > 0 && start < this.#range.end && start + length > this.#range.offset
  }

  #count(): void {
    this.#blocks += 1
    const { offset, end } = this.#range
    if (this.#blocks > FREE_BLOCKS + (end - offset + FILE_CHUNK_BYTES) / LEAST_AVERAGE_PIECE)
      throw this.#damaged('it is cut into far too many pieces')
  }

  #damaged(what: string): Error {
    return contentDamaged(this.#root.toString(), what)
  }
}
