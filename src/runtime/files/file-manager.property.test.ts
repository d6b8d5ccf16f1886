import * as fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { parseSpaceId } from '../model/path.js'
import { FILE_CHUNK_BYTES } from '../networks/content.js'
import { PLAIN_CHUNK_BYTES, sealedSize } from './sealed-content.js'
import { collect, FilesUnderTest, noise, piecesOf, SPACE } from './test/files-under-test.js'

let world: FilesUnderTest

beforeEach(() => {
  world = new FilesUnderTest()
})

const CHUNK = PLAIN_CHUNK_BYTES
const SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, FILE_CHUNK_BYTES, 2 * CHUNK, 3 * CHUNK + 17]

describe('what goes in comes out', () => {
  test.each(SIZES)('a blob of %d bytes, sealed and in the open', async (size) => {
    const bytes = noise(size)
    for (const open of [false, true]) {
      const reference = await world.put(new Blob([bytes]), { public: open })
      expect(reference.size).toBe(size)
      expect(Buffer.compare(await world.get(reference), bytes)).toBe(0)
      expect(world.content.kept.get(reference.cid)?.size).toBe(open ? size : sealedSize(size))
    }
  })

  test.each(SIZES)('a stream of %d bytes in pieces of any size', async (size) => {
    const bytes = noise(size)
    for (const piece of [1_000, CHUNK, 400_000]) {
      const reference = await world.put(piecesOf(bytes, piece))
      expect(reference.size).toBe(size)
      expect(Buffer.compare(await world.get(reference), bytes)).toBe(0)
    }
  })

  test('any range of it', async () => {
    const bytes = noise(3 * CHUNK + 17)
    const sealed = await world.put(new Blob([bytes]))
    const open = await world.put(new Blob([bytes]), { public: true })
    const near = fc.constantFrom(0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK, bytes.length - 1, bytes.length)
    const place = fc.oneof(near, fc.nat(bytes.length))
    await fc.assert(
      fc.asyncProperty(place, place, async (one, other) => {
        const [offset, end] = one < other ? [one, other] : [other, one]
        const wanted = bytes.subarray(offset, end)
        expect(Buffer.compare(await world.get(sealed, { offset, length: end - offset }), wanted)).toBe(0)
        expect(Buffer.compare(await world.get(open, { offset, length: end - offset }), wanted)).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  test('a range reads only the chunks that it needs', async () => {
    const reference = await world.put(new Blob([noise(20 * CHUNK)]))
    world.content.reads = []
    await world.get(reference, { offset: 20 * CHUNK - 65_536 })
    expect(world.content.reads).toEqual([19])
    world.content.reads = []
    await world.get(reference, { offset: 5 * CHUNK - 1, length: 2 })
    expect(world.content.reads).toEqual([4, 5])
  })

  test.each(['', 'überfällig.pdf', '写真 🌶️.jpg', 'a/b\\c\n.txt', '\u202Egnp.exe', 'x'.repeat(1024)])('under the name %j', async (name) => {
    expect((await world.put(new Blob(['x']), { name })).name).toBe(name)
  })

  test('a name that is no text is made one, and one that is too long is refused', async () => {
    expect((await world.put(new Blob(['x']), { name: 'half\uD800' })).name).toBe('half\uFFFD')
    await expect(world.put(new Blob(['x']), { name: 'x'.repeat(1025) })).rejects.toMatchObject({ code: 'INPUT_MALFORMED' })
  })
})

describe('the same file', () => {
  test('is stored once in a space, and is another one in another space', async () => {
    const bytes = noise(CHUNK + 5)
    const [one, two] = await Promise.all([world.put(new Blob([bytes])), world.put(new Blob([bytes]))])
    const elsewhere = await world.put(new Blob([bytes]), { space: parseSpaceId('other') })
    expect(two.cid).toBe(one.cid)
    expect(elsewhere.cid).not.toBe(one.cid)
    expect(world.content.kept.size).toBe(2)
  })

  test('stays when one of two that hold it lets go', async () => {
    const options = { space: SPACE, name: '', type: '', public: false }
    const one = await world.files.put(new Blob(['same']), options)
    const two = await world.files.put(new Blob(['same']), options)
    await one.drop()
    expect(world.content.kept.size).toBe(1)
    two.keep()
    const three = await world.files.put(new Blob(['same']), options)
    await three.drop()
    expect(world.content.kept.size).toBe(1)
    const alone = await world.files.put(new Blob(['another']), options)
    await alone.drop()
    expect(world.content.kept.size).toBe(1)
  })

  test('read as a stream is sealed under a salt of its own', async () => {
    const bytes = noise(10)
    expect((await world.put(piecesOf(bytes, 3))).cid).not.toBe((await world.put(piecesOf(bytes, 3))).cid)
  })
})

describe('what is not as it was put', () => {
  const BYTES = noise(3 * CHUNK + 17)

  test('any flipped bit is refused', async () => {
    const reference = await world.put(new Blob([BYTES]))
    const sealed = world.content.bytesOf(reference.cid)
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), fc.nat(7), async (at, bit) => {
        const changed = sealed.slice()
        changed[at] = (changed[at] ?? 0) ^ (1 << bit)
        world.content.forge(reference.cid, leavesOf(changed))
        await expect(world.get(reference)).rejects.toMatchObject({ code: 'CONTENT_DAMAGED' })
      }),
      { numRuns: 30 },
    )
  })

  test('any order of chunks but the right one is refused: swapped, repeated, dropped', async () => {
    const reference = await world.put(new Blob([BYTES]))
    const leaves = leavesOf(world.content.bytesOf(reference.cid))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(leaves.length - 1), { maxLength: 6 }), async (order) => {
        // What follows the whole of it is not read; that there is nothing more is for the network to check, which knows the DAG's size.
        fc.pre(!order.join().startsWith('0,1,2,3'))
        world.content.forge(
          reference.cid,
          order.flatMap((index) => leaves[index] ?? []),
        )
        await expect(world.get(reference)).rejects.toMatchObject({ code: 'CONTENT_DAMAGED' })
      }),
      { numRuns: 60 },
    )
  })

  test('a file that claims fewer or more bytes than it has is refused', async () => {
    const reference = await world.put(new Blob([BYTES]))
    for (const size of [0, 17, CHUNK, 3 * CHUNK, BYTES.length - 1, BYTES.length + 1, BYTES.length + CHUNK]) {
      await expect(world.get({ ...reference, size })).rejects.toMatchObject({ code: 'CONTENT_DAMAGED' })
    }
  })

  test('another space, another salt: nothing opens', async () => {
    const reference = await world.put(new Blob([BYTES]))
    await expect(world.get(reference, { space: parseSpaceId('other') })).rejects.toMatchObject({ code: 'CONTENT_DAMAGED' })
    const sealed = { epoch: 0, salt: new Uint8Array(32) }
    await expect(world.get({ ...reference, sealed })).rejects.toMatchObject({ code: 'CONTENT_DAMAGED' })
  })

  test('a blob that is another one when it is read again is refused before a byte of it is sealed', async () => {
    let reads = 0
    class Changing extends Blob {
      override slice(from = 0, to = 0): Blob {
        return ++reads > 2 ? new Blob([noise(Math.min(to, this.size) - from, 7)]) : super.slice(from, to)
      }
    }
    const changing = new Changing([noise(CHUNK + 9)])
    await expect(world.put(changing)).rejects.toMatchObject({ code: 'CONTENT_DAMAGED' })
    expect(world.content.kept.size).toBe(0)
  })
})

describe('called off and resumed', () => {
  test('at any point, a put that is called off keeps nothing', async () => {
    const bytes = noise(3 * CHUNK)
    for (const after of [0, CHUNK / 2, CHUNK, 2 * CHUNK, 2.5 * CHUNK]) {
      const controller = new AbortController()
      const onProgress = (done: number): void => (done > after ? controller.abort() : undefined)
      await expect(world.put(new Blob([bytes]), { signal: controller.signal, onProgress })).rejects.toMatchObject({ code: 'ABORTED' })
      await expect(world.put(piecesOf(bytes, 1000), { signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' })
    }
    expect(world.content.kept.size).toBe(0)
  })

  test('a reader that was cut off anywhere reads on from there', async () => {
    const bytes = noise(3 * CHUNK + 17)
    const reference = await world.put(new Blob([bytes]))
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), async (cut) => {
        const first = await world.get(reference, { length: cut })
        const rest = await world.get(reference, { offset: cut })
        expect(Buffer.compare(Buffer.concat([first, rest]), bytes)).toBe(0)
      }),
      { numRuns: 20 },
    )
  })

  test('progress goes up to the size', async () => {
    const told: number[] = []
    const bytes = noise(3 * CHUNK)
    await world.put(new Blob([bytes]), { onProgress: (done) => told.push(done) })
    expect(told).toEqual(told.toSorted((a, b) => a - b))
    expect(told.at(-1)).toBe(bytes.length)
  })
})

test('300 MB of nothing go in and out in bounded memory', async () => {
  const size = 300_000_000
  async function* sparse(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let left = size; left > 0; left -= 1_000_000) yield await Promise.resolve(new Uint8Array(Math.min(1_000_000, left)))
  }
  // In the open, so that its zeros take no room in this store: what remains is what the way in and out takes.
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  const onProgress = (): void => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  const reference = await world.put(sparse(), { public: true, onProgress })
  let read = 0
  for await (const piece of world.files.get(reference, { space: SPACE })) read += piece.length
  expect(read).toBe(size)
  expect(most).toBeLessThan(64 * 1024 * 1024)
  expect(await collect(world.files.get(reference, { space: SPACE, offset: size - 3 }))).toEqual(new Uint8Array(3))
})

function leavesOf(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const leaves: Uint8Array<ArrayBuffer>[] = []
  for (let at = 0; at < bytes.length; at += FILE_CHUNK_BYTES) leaves.push(bytes.slice(at, at + FILE_CHUNK_BYTES))
  return leaves
}
