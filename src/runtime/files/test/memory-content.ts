import { createHash } from 'node:crypto'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { ContentAvailability } from '../../model/file-info.js'
import { FILE_CHUNK_BYTES } from '../../networks/content.js'
import type { AddOptions, ContentOptions, ProviderContent, ReadContentOptions, StoredContent } from '../../networks/content.js'

type Bytes = Uint8Array<ArrayBuffer>
type Leaf = Bytes | 'zeros'

interface Kept {
  readonly leaves: Leaf[]
  readonly size: number
}

/** Content in memory, by leaves, so that tests can count, damage and move them. Leaves of zeros take no room. */
export class MemoryContent implements ProviderContent {
  readonly kept = new Map<string, Kept>()
  /** Leaves that were read, by their index. */
  reads: number[] = []
  /** Leaves that were taken in. */
  added = 0
  /** Rejects once that many leaves were taken in. */
  failAfter = Number.POSITIVE_INFINITY

  async add(bytes: AsyncIterable<Bytes>, { signal, onProgress, onStored }: AddOptions): Promise<StoredContent> {
    const leaves: Leaf[] = []
    const hash = createHash('sha256')
    let size = 0
    let rest: Bytes = new Uint8Array()
    const take = (leaf: Bytes): void => {
      hash.update(leaf)
      leaves.push(leaf.length === FILE_CHUNK_BYTES && leaf.every((byte) => byte === 0) ? 'zeros' : leaf)
      this.added += 1
      if (this.added >= this.failAfter) throw new SpiceTimeError('STORAGE_FULL', 'There is no room left in this test.')
    }
    for await (const piece of bytes) {
      if (signal?.aborted === true) throw new SpiceTimeError('ABORTED', 'Called off.')
      size += piece.length
      onProgress?.(size)
      const joined = new Uint8Array(rest.length + piece.length)
      joined.set(rest)
      joined.set(piece, rest.length)
      let at = 0
      for (; joined.length - at >= FILE_CHUNK_BYTES; at += FILE_CHUNK_BYTES) take(joined.slice(at, at + FILE_CHUNK_BYTES))
      rest = joined.slice(at)
    }
    if (rest.length > 0 || leaves.length === 0) take(rest)
    const cid = cidOf(hash.digest())
    const known = this.kept.has(cid)
    await onStored?.(cid, known)
    this.kept.set(cid, { leaves, size })
    return { cid, size, known }
  }

  async *read(cid: string, { offset = 0, length = Number.POSITIVE_INFINITY, size, signal }: ReadContentOptions): AsyncIterable<Bytes> {
    const kept = this.kept.get(cid)
    if (kept === undefined) throw new SpiceTimeError('CONTENT_NOT_FOUND', 'Nobody has it in this test.')
    if (kept.size !== size) throw new SpiceTimeError('CONTENT_DAMAGED', 'The size is another one.')
    let position = 0
    const end = Math.min(offset + length, size)
    for (const [index, leaf] of kept.leaves.entries()) {
      const bytes = leaf === 'zeros' ? new Uint8Array(FILE_CHUNK_BYTES) : leaf
      const from = Math.max(0, offset - position)
      const to = Math.min(bytes.length, end - position)
      position += bytes.length
      if (from >= to) continue
      if (signal?.aborted === true) throw new SpiceTimeError('ABORTED', 'Called off.')
      this.reads.push(index)
      yield await Promise.resolve(bytes.subarray(from, to))
    }
  }

  putBlock(): Promise<string> {
    return Promise.reject(new Error('no blocks in this test'))
  }

  getBlock(_cid: string, _options: ContentOptions): Promise<Bytes> {
    return Promise.reject(new Error('no blocks in this test'))
  }

  availability(cid: string): Promise<ContentAvailability> {
    return Promise.resolve({ level: this.kept.has(cid) ? 'sent' : undefined, pins: [] })
  }
  reaches(): boolean {
    return true
  }

  discard(cid: string): Promise<void> {
    this.kept.delete(cid)
    return Promise.resolve()
  }

  /** The content as it is stored. */
  bytesOf(cid: string): Bytes {
    const leaves = this.kept.get(cid)?.leaves ?? []
    return new Uint8Array(Buffer.concat(leaves.map((leaf) => (leaf === 'zeros' ? new Uint8Array(FILE_CHUNK_BYTES) : leaf))))
  }

  /** Has other leaves under the CID, as if hashes proved nothing: what the seals alone must find. */
  forge(cid: string, leaves: readonly Bytes[]): void {
    const size = this.kept.get(cid)?.size ?? 0
    this.kept.set(cid, { leaves: [...leaves], size })
  }
}

function cidOf(digest: Uint8Array): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  let bits = ''
  for (const byte of [0x01, 0x55, 0x12, 0x20, ...digest]) bits += byte.toString(2).padStart(8, '0')
  let text = 'b'
  for (let at = 0; at < bits.length; at += 5) text += alphabet[Number.parseInt(bits.slice(at, at + 5).padEnd(5, '0'), 2)] ?? ''
  return text
}
