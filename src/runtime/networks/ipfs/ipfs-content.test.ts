import { createHeliaLight } from 'helia'
import { unixfs } from '@helia/unixfs'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import { expect, it } from 'vitest'
import { codeOf } from '../../testing/store-under-test.js'
import { MemoryBlockStore } from '../../storage/memory/memory-block-store.js'
import { FILE_CHUNK_BYTES } from '../content.js'
import { collectBytes, madeBytes, madeFile, startProvider, testDevice } from './test/device.js'

const space = undefined
const SIZES = [
  0,
  1,
  FILE_CHUNK_BYTES - 1,
  FILE_CHUNK_BYTES,
  FILE_CHUNK_BYTES + 1,
  3 * FILE_CHUNK_BYTES + 7,
  174 * FILE_CHUNK_BYTES,
  175 * FILE_CHUNK_BYTES + 1,
]

it.each(SIZES)('gives %d bytes back, under the CID that Helia itself gives them', async (size) => {
  const { content, provider } = await startProvider(testDevice())
  const seen: number[] = []
  const { cid, size: taken } = await content.add(madeFile(size), { space, onProgress: (bytes) => seen.push(bytes) })
  expect(taken).toBe(size)
  expect(seen.at(-1) ?? 0).toBe(size)
  const helia = unixfs(createHeliaLight())
  const theirs = await helia.addByteStream(madeFile(size), {
    cidVersion: 1,
    rawLeaves: true,
    chunker: fixedSize({ chunkSize: FILE_CHUNK_BYTES }),
    layout: balanced({ maxChildrenPerNode: 174 }),
  })
  expect(cid).toBe(theirs.toString())
  expect(Buffer.compare(await collectBytes(content.read(cid, { space, size })), madeBytes(0, size))).toBe(0)
  await provider.stop()
})

it('reads a range, and of the blocks only those that it needs', async () => {
  const device = testDevice()
  const asked: string[] = []
  const get = device.store.get.bind(device.store)
  const size = 400 * FILE_CHUNK_BYTES + 5
  const { content } = await startProvider(device)
  const { cid } = await content.add(madeFile(size), { space })
  device.store.get = (name) => (asked.push(name), get(name))
  for (const [offset, length] of [
    [0, 10],
    [FILE_CHUNK_BYTES - 1, 2],
    [size - 65_536, 65_536],
    [size - 3, 100],
    [174 * FILE_CHUNK_BYTES - 5, FILE_CHUNK_BYTES],
  ] as const) {
    asked.length = 0
    const bytes = await collectBytes(content.read(cid, { space, size, offset, length }))
    expect(Buffer.compare(bytes, madeBytes(offset, Math.min(size, offset + length)))).toBe(0)
    // The root, at most two nodes below it, at most two leaves.
    expect(asked.length).toBeLessThanOrEqual(5)
  }
  expect((await collectBytes(content.read(cid, { space, size, offset: size }))).length).toBe(0)
})

it('keeps one dag-cbor block, and gives it back after a restart', async () => {
  const device = testDevice()
  const first = await startProvider(device)
  const bytes = new Uint8Array([0xa1, 0x61, 0x61, 0x01])
  const cid = await first.content.putBlock(bytes, { space })
  expect(cid).toMatch(/^bafyrei/)
  expect((await first.content.availability(cid)).level).toBe('sent')
  await first.provider.stop()
  device.store = new MemoryBlockStore(device.blocks)
  const second = await startProvider(device)
  expect(await second.content.getBlock(cid, { space })).toEqual(bytes)
})

it('says that nobody has what is not there, when nobody can be asked', async () => {
  const { content } = await startProvider(testDevice())
  const cid = 'bafyreiea7jc6nkhcp2cfw6j35tcsovxzaq5ihxyq54vi4odlvwqgqfgxhy'
  expect(await codeOf(content.getBlock(cid, { space }))).toBe('CONTENT_NOT_FOUND')
  expect(await codeOf(collectBytes(content.read('bafkreidon73zkcrwdb5iafqtijxildoonbwnpv7dyd6ef3qdgads2jc4su', { space, size: 4 })))).toBe(
    'CONTENT_NOT_FOUND',
  )
  expect((await content.availability(cid)).level).toBeUndefined()
  for (const bad of ['', 'x', 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'])
    expect(await codeOf(content.getBlock(bad, { space }))).toBe('CONTENT_DAMAGED')
})

it('ends at once when it is called off, also while its source is stuck', async () => {
  const { content } = await startProvider(testDevice())
  const calling = new AbortController()
  async function* stuck(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    yield madeBytes(0, 700_000)
    await new Promise(() => undefined)
  }
  const adding = content.add(stuck(), { space, signal: calling.signal, onProgress: () => setTimeout(() => calling.abort(), 5) })
  expect(await codeOf(adding)).toBe('ABORTED')
  expect(await codeOf(content.add(madeFile(3), { space, signal: AbortSignal.abort() }))).toBe('ABORTED')
})
