/** Bytes in pieces of any size, as whoever has them gives them. */
export type Pieces = AsyncIterable<Uint8Array<ArrayBuffer>>

/** A chunk and whether nothing comes after it; a file of no bytes has one empty chunk. */
export interface Chunk {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly last: boolean
}

/** Chunks that are read ahead while the one before is worked on. */
const AHEAD = 4

/** Cuts pieces into chunks of just that size, but for the last. Holds one chunk, and one piece, at a time. */
export async function* cutInto(pieces: Pieces, size: number): AsyncGenerator<Chunk> {
  let chunk = new Uint8Array(size)
  let filled = 0
  for await (const piece of pieces) {
    let at = 0
    while (at < piece.length) {
      // Full, and there is more: so it was not the last.
      if (filled === size) {
        yield { bytes: chunk, last: false }
        chunk = new Uint8Array(size)
        filled = 0
      }
      const taken = Math.min(size - filled, piece.length - at)
      chunk.set(piece.subarray(at, at + taken), filled)
      filled += taken
      at += taken
    }
  }
  yield { bytes: chunk.slice(0, filled), last: true }
}

/** A blob's chunks in order, some read ahead. */
export function blobChunks(blob: Blob, size: number): AsyncGenerator<Chunk> {
  const count = Math.max(1, Math.ceil(blob.size / size))
  return inOrder(count, async (index) => ({
    bytes: new Uint8Array(await blob.slice(index * size, (index + 1) * size).arrayBuffer()),
    last: index === count - 1,
  }))
}

/** `work` for each of `count`, a few at once, their results in order. */
export async function* inOrder<T>(count: number, work: (index: number) => Promise<T>): AsyncGenerator<T> {
  const underWay: Promise<T>[] = []
  const begin = (index: number): void => {
    const begun = work(index)
    // Whoever takes it hears of it; until then it must not count as unhandled.
    begun.catch(() => undefined)
    underWay.push(begun)
  }
  let next = 0
  for (; next < Math.min(AHEAD, count); next++) begin(next)
  for (let taken = underWay.shift(); taken !== undefined; taken = underWay.shift()) {
    yield await taken
    if (next < count) begin(next++)
  }
}

/** `work` for each that comes, a few at once, their results in order. */
export async function* inTurn<S, T>(source: AsyncIterable<S>, work: (one: S, index: number) => Promise<T>): AsyncGenerator<T> {
  const underWay: Promise<T>[] = []
  let index = 0
  for await (const one of source) {
    const begun = work(one, index++)
    begun.catch(() => undefined)
    underWay.push(begun)
    if (underWay.length < AHEAD) continue
    const done = underWay.shift()
    if (done !== undefined) yield await done
  }
  for (const rest of underWay) yield await rest
}
