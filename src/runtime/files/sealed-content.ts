import { CHUNK_TAG_BYTES, digestChunk } from '../crypto/file-cipher.js'
import type { FileCipher } from '../crypto/file-cipher.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import { FILE_CHUNK_BYTES } from '../networks/content.js'
import { blobChunks, cutInto, inTurn } from './chunks.js'
import type { Chunk, Pieces } from './chunks.js'

/** Bytes of the content in one sealed chunk, which fills one leaf. docs/decisions/0020. */
export const PLAIN_CHUNK_BYTES = FILE_CHUNK_BYTES - CHUNK_TAG_BYTES

/** Bytes that content of that size has once it is sealed. */
export function sealedSize(size: number): number {
  return size + Math.max(1, Math.ceil(size / PLAIN_CHUNK_BYTES)) * CHUNK_TAG_BYTES
}

/** Seals chunks of `PLAIN_CHUNK_BYTES`, in their order. */
export function sealChunks(chunks: AsyncIterable<Chunk>, cipher: FileCipher): Pieces {
  return inTurn(chunks, ({ bytes, last }, index) => cipher.seal(bytes, { index, last }))
}

/**
 * A blob's chunks once more, each compared with what it was when the salt was made of it: sealed with that salt, another plaintext would break the cipher.
 * @throws SpiceTimeError CONTENT_DAMAGED
 */
export async function* sameChunks(blob: Blob, digests: readonly Uint8Array[]): AsyncGenerator<Chunk> {
  let index = 0
  for await (const chunk of blobChunks(blob, PLAIN_CHUNK_BYTES)) {
    const before = digests[index++]
    const now = await digestChunk(chunk.bytes)
    if (before === undefined || now.some((byte, at) => byte !== before[at])) {
      throw new SpiceTimeError('CONTENT_DAMAGED', 'The file was changed while it was read. Save it, then add it again.')
    }
    yield chunk
  }
}

export interface ByteRange {
  readonly offset: number
  readonly length: number
}

/** Where the chunks lie that hold a range of the content: a range of the sealed bytes. */
export function sealedRange({ offset, length }: ByteRange): ByteRange & { readonly first: number } {
  const first = Math.floor(offset / PLAIN_CHUNK_BYTES)
  const end = Math.floor((offset + Math.max(length, 1) - 1) / PLAIN_CHUNK_BYTES) + 1
  return { first, offset: first * FILE_CHUNK_BYTES, length: (end - first) * FILE_CHUNK_BYTES }
}

/**
 * Opens the sealed bytes of `sealedRange(range)` and gives the range of the content.
 * @throws SpiceTimeError CONTENT_DAMAGED for any byte that is not where it was put
 */
export async function* openRange(sealed: Pieces, cipher: FileCipher, wanted: ByteRange & { readonly size: number }): Pieces {
  const { offset, length, size } = wanted
  const { first } = sealedRange(wanted)
  const count = Math.max(1, Math.ceil(size / PLAIN_CHUNK_BYTES))
  const opened = inTurn(cutInto(sealed, FILE_CHUNK_BYTES), ({ bytes }, at) => {
    const index = first + at
    return cipher.open(bytes, { index, last: index === count - 1 })
  })
  let position = first * PLAIN_CHUNK_BYTES
  const end = offset + length
  for await (const bytes of opened) {
    const piece = bytes.subarray(Math.max(0, offset - position), Math.max(0, end - position))
    position += bytes.length
    if (piece.length > 0) yield piece
  }
  if (position < end) throw cutShort(end, position)
}

/** Bytes that lie in the open: given as they come, and counted. @throws SpiceTimeError CONTENT_DAMAGED when there are fewer, or more */
export async function* countRange(pieces: Pieces, { offset, length }: ByteRange): Pieces {
  let left = length
  for await (const piece of pieces) {
    left -= piece.length
    if (left < 0) throw new SpiceTimeError('CONTENT_DAMAGED', 'A file was sent longer than asked for. Try again.')
    yield piece
  }
  if (left > 0) throw cutShort(offset + length, offset + length - left)
}

function cutShort(wanted: number, had: number): SpiceTimeError {
  return new SpiceTimeError(
    'CONTENT_DAMAGED',
    `A file ends at byte ${had} though it should go on to ${wanted}: it was cut short. Try again.`,
  )
}
