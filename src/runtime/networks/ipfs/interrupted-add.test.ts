import { beforeEach, describe, expect, it } from 'vitest'
import { MemoryBlockStore } from '../../storage/memory/memory-block-store.js'
import { codeOf } from '../../testing/store-under-test.js'
import { FILE_CHUNK_BYTES } from '../content.js'
import { collectBytes, madeBytes, madeFile, startProvider, testDevice } from './test/device.js'
import type { StartedProvider, TestDevice } from './test/device.js'
import { FailingBlockStore } from './test/failing-block-store.js'

const space = undefined
const SMALL = 3 * FILE_CHUNK_BYTES + 5
const LARGE = 60 * FILE_CHUNK_BYTES

let device: TestDevice
let disk: FailingBlockStore
let started: StartedProvider
let earlier: string
let blocksBefore: number

beforeEach(async () => {
  device = testDevice()
  disk = new FailingBlockStore(device.blocks)
  device.store = disk
  started = await startProvider(device)
  earlier = (await started.content.add(madeFile(SMALL), { space })).cid
  blocksBefore = device.blocks.size
  return async () => await started.provider.stop()
})

async function expectEarlierAlone(content = started.content): Promise<void> {
  // What was being written must not come after the cleaning.
  await new Promise((resolve) => setTimeout(resolve, 2 * disk.delay))
  expect(device.blocks.size).toBe(blocksBefore)
  expect(await device.rows.list('adding/')).toEqual([])
  expect(Buffer.compare(await collectBytes(content.read(earlier, { space, size: SMALL })), madeBytes(0, SMALL))).toBe(0)
}

/** Another file than any other of that number. */
async function* otherFile(number: number, size = LARGE): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield Uint8Array.from([number])
  yield* madeFile(size)
}

async function* thatEnds(after: number, how: (at: number) => Promise<void> | void): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let at = 0
  for await (const piece of otherFile(9)) {
    if (at >= after) await how(at)
    yield piece
    at += piece.length
  }
}

describe('a disk that is full half-way through an add', () => {
  it('says so, keeps what was there, and has nothing left of it; with more room it takes it', async () => {
    disk.room = 20 * FILE_CHUNK_BYTES
    const failure: unknown = await started.content.add(otherFile(1), { space }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'STORAGE_FULL', message: expect.stringContaining('free space') })
    await expectEarlierAlone()
    disk.room = Number.POSITIVE_INFINITY
    const { cid, size } = await started.content.add(otherFile(1), { space })
    expect((await collectBytes(started.content.read(cid, { space, size }))).length).toBe(LARGE + 1)
  })

  it('twice at once as well', async () => {
    disk.room = 20 * FILE_CHUNK_BYTES
    disk.delay = 1
    const adding = [1, 2].map((number) => codeOf(started.content.add(otherFile(number), { space })))
    expect(await Promise.all(adding)).toEqual(['STORAGE_FULL', 'STORAGE_FULL'])
    await expectEarlierAlone()
  })

  it('leaves another add that fits', async () => {
    disk.room = 20 * FILE_CHUNK_BYTES
    disk.delay = 1
    const small = started.content.add(otherFile(3, 2 * FILE_CHUNK_BYTES), { space })
    expect(await codeOf(started.content.add(otherFile(1), { space }))).toBe('STORAGE_FULL')
    const { cid, size } = await small
    expect((await collectBytes(started.content.read(cid, { space, size }))).length).toBe(2 * FILE_CHUNK_BYTES + 1)
  })
})

describe('an add that is called off', () => {
  it.each([0, 1, 5_000_000, 9_000_000])('after %d bytes has nothing left, though the disk is slow', async (after) => {
    disk.delay = 100
    const calling = new AbortController()
    const adding = started.content.add(
      thatEnds(after, () => calling.abort()),
      { space, signal: calling.signal },
    )
    expect(await codeOf(adding)).toBe('ABORTED')
    await expectEarlierAlone()
  })

  it('together with others has nothing left of any', async () => {
    disk.delay = 5
    const calling = new AbortController()
    const adding = [1, 2, 3, 4].map((number) => codeOf(started.content.add(otherFile(number), { space, signal: calling.signal })))
    while (device.blocks.size < blocksBefore + 40) await new Promise((resolve) => setTimeout(resolve, 5))
    calling.abort()
    expect(await Promise.all(adding)).toEqual(['ABORTED', 'ABORTED', 'ABORTED', 'ABORTED'])
    await expectEarlierAlone()
  })

  it('while what another left is looked for has nothing left either', async () => {
    disk.listDelay = 500
    const first = started.content.add(
      thatEnds(1, () => Promise.reject(new Error('unplugged'))),
      { space },
    )
    first.catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const second = started.content.add(
      thatEnds(5_000_000, () => Promise.reject(new Error('unplugged, too'))),
      { space },
    )
    await expect(first).rejects.toThrow('unplugged')
    await expect(second).rejects.toThrow('unplugged, too')
    await expectEarlierAlone()
  })

  it('because its source fails says what the source said, and has nothing left', async () => {
    disk.delay = 100
    const failing = thatEnds(6_000_000, () => Promise.reject(new Error('unplugged')))
    await expect(started.content.add(failing, { space })).rejects.toThrow('unplugged')
    await expectEarlierAlone()
  })
})

it.each([1, 4_000_000, 12_000_000])('a kill after %d bytes: the next start has nothing left of it', async (after) => {
  // The life that was killed never goes on.
  const stuck = new Promise<void>((resolve) => {
    void started.content
      .add(
        thatEnds(after, () => (resolve(), new Promise(() => undefined))),
        { space },
      )
      .catch(() => undefined)
  })
  await stuck
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await device.rows.list('adding/')).toHaveLength(1)
  if (after > 4_000_000) expect(device.blocks.size).toBeGreaterThan(blocksBefore)
  device.store = new MemoryBlockStore(device.blocks)
  const next = await startProvider(device)
  // It opens when content is asked for.
  expect((await next.content.availability(earlier)).level).toBe('sent')
  await expectEarlierAlone(next.content)
  await next.provider.stop()
})

it('content that no event will name goes at once, with the blocks that nothing else needs', async () => {
  const { cid } = await started.content.add(otherFile(1), { space })
  const { cid: same } = await started.content.add(madeFile(SMALL), { space })
  expect(same).toBe(earlier)
  await started.content.discard(cid)
  expect((await started.content.availability(cid)).level).toBeUndefined()
  await expectEarlierAlone()
})
