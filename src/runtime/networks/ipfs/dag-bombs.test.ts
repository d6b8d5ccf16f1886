import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FILE_CHUNK_BYTES } from '../content.js'
import { cidOf, DAG_CBOR, DAG_PB, RAW } from './content-id.js'
import { encodeFileNode } from './file-node.js'
import { collectBytes, madeBytes, startProvider, testDevice } from './test/device.js'
import type { StartedProvider, TestDevice } from './test/device.js'
import { startHostileGateway } from './test/hostile-gateway.js'
import type { HostileGateway } from './test/hostile-gateway.js'

const space = undefined
const TEN_GB = 10_000_000_000

const closing: (() => void)[] = []
let gateway: HostileGateway
let device: TestDevice
let started: StartedProvider

beforeEach(async () => {
  gateway = await startHostileGateway(closing)
  device = testDevice()
  started = await startProvider(device, { gateways: [gateway.url], fetchDeadline: 5000 }, { seams: { fetch } })
})

afterEach(async () => {
  await started.provider.stop()
  closing.splice(0).forEach((close) => close())
})

interface Part {
  readonly cid: CID
  /** What the node above claims of it. */
  readonly fileBytes: number
}

async function serve(codec: number, bytes: Uint8Array): Promise<CID> {
  const cid = await cidOf(codec, bytes)
  gateway.blocks.set(cid.toString(), bytes)
  return cid
}

const leaf = (bytes: number): Promise<CID> => serve(RAW, madeBytes(0, bytes))

const node = (...parts: readonly Part[]): Promise<CID> =>
  serve(DAG_PB, encodeFileNode(parts.map(({ cid, fileBytes }) => ({ cid, fileBytes, treeBytes: fileBytes }))))

async function refusal(root: CID, size: number): Promise<unknown> {
  return await collectBytes(started.content.read(root.toString(), { space, size })).then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('a DAG that is made to hurt is refused before it does', () => {
  it('1,000 levels deep', async () => {
    let root = await leaf(10)
    for (let level = 0; level < 1000; level++) root = await node({ cid: root, fileBytes: 10 })
    expect(await refusal(root, 10)).toMatchObject({ code: 'CONTENT_DAMAGED', message: expect.stringContaining('levels deep') })
    expect(gateway.asked.length).toBeLessThanOrEqual(13)
  })

  it('a node of more links than any file needs, in full blocks', async () => {
    const one = await leaf(1)
    const root = await node(...Array.from({ length: 40_000 }, () => ({ cid: one, fileBytes: 1 })))
    expect(gateway.blocks.get(root.toString())?.length).toBeLessThan(2 * 1024 * 1024)
    expect(await refusal(root, 40_000)).toMatchObject({ code: 'CONTENT_DAMAGED', message: expect.stringContaining('8192 links') })
    expect(gateway.asked).toEqual([root.toString()])
  })

  it('a file in pieces of one byte', async () => {
    const one = await leaf(1)
    const wide = await node(...Array.from({ length: 8000 }, () => ({ cid: one, fileBytes: 1 })))
    const root = await node(...Array.from({ length: 1000 }, () => ({ cid: wide, fileBytes: 8000 })))
    expect(await refusal(root, 8_000_000)).toMatchObject({
      code: 'CONTENT_DAMAGED',
      message: expect.stringContaining('far too many pieces'),
    })
    expect(gateway.asked.length).toBeLessThanOrEqual(3 + 8)
  })

  it('10 GB claimed by a reference, and not by its DAG', async () => {
    const root = await node({ cid: await leaf(10), fileBytes: 10 })
    expect(await refusal(root, TEN_GB)).toMatchObject({ code: 'CONTENT_DAMAGED', message: expect.stringContaining('claim 10 bytes') })
    expect(gateway.asked).toEqual([root.toString()])
  })

  it('10 GB claimed by each node, over ten bytes', async () => {
    const root = await node({ cid: await leaf(10), fileBytes: TEN_GB })
    const failure = await refusal(root, TEN_GB)
    expect(failure).toMatchObject({ code: 'CONTENT_DAMAGED', message: expect.stringContaining('a piece of it has 10 bytes') })
    expect(gateway.asked.length).toBe(2)
  })

  it('10 GB claimed of a single leaf', async () => {
    expect(await refusal(await leaf(10), TEN_GB)).toMatchObject({ code: 'CONTENT_DAMAGED' })
    expect(gateway.asked.length).toBe(1)
  })

  it('sizes that are no numbers of bytes, and more of them than links', async () => {
    const one = await leaf(10)
    const honest = encodeFileNode([{ cid: one, fileBytes: 10, treeBytes: 10 }])
    for (const [from, to] of [
      [
        [0x20, 10],
        [0x20, 0x80],
      ],
      [
        [0x18, 10],
        [0x20, 10],
      ],
    ] as const) {
      const at = honest.findLastIndex((byte, index) => byte === from[0] && honest[index + 1] === from[1])
      expect(at).toBeGreaterThan(0)
      const forged = Uint8Array.from(honest)
      forged.set(to, at)
      expect(await refusal(await serve(DAG_PB, forged), 10)).toMatchObject({ code: 'CONTENT_DAMAGED' })
    }
  })

  it('a list of sizes as long as a block', async () => {
    // UnixFS with two million packed sizes of one byte each.
    const sizes = new Uint8Array(2_000_000)
    const data = [0x08, 0x02, 0x22, 0x80, 0x89, 0x7a]
    const length = data.length + sizes.length
    const head = [0x0a, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, ((length >> 14) & 0x7f) | 0x80, length >> 21, ...data]
    const bomb = new Uint8Array(head.length + sizes.length)
    bomb.set(head)
    expect(await refusal(await serve(DAG_PB, bomb), 1)).toMatchObject({
      code: 'CONTENT_DAMAGED',
      message: expect.stringContaining('another number of sizes'),
    })
  })

  it('a block that is too large, however it is reached', async () => {
    const large = await serve(RAW, new Uint8Array(2 * 1024 * 1024 + 1))
    const root = await node({ cid: large, fileBytes: 2 * 1024 * 1024 + 1 })
    expect(await refusal(root, 2 * 1024 * 1024 + 1)).toMatchObject({ code: 'CONTENT_DAMAGED' })
    expect(device.blocks.size).toBe(1)
  })

  it('a node that links to what is no part of a file', async () => {
    const events = await serve(DAG_CBOR, dagCbor.encode({ a: 1 }))
    expect(await refusal(await node({ cid: events, fileBytes: 4 }), 4)).toMatchObject({ code: 'CONTENT_DAMAGED' })
    const sha1 = CID.parse('bafkqaaa')
    expect(await refusal(await node({ cid: sha1, fileBytes: 4 }), 4)).toMatchObject({ code: 'CONTENT_DAMAGED' })
  })
})

it('10 GB that are made of one leaf cost a range only the way to it', async () => {
  const one = await leaf(FILE_CHUNK_BYTES)
  let part: Part = { cid: one, fileBytes: FILE_CHUNK_BYTES }
  for (const links of [174, 174, 2]) {
    const { cid, fileBytes } = part
    part = { cid: await node(...Array.from({ length: links }, () => ({ cid, fileBytes }))), fileBytes: fileBytes * links }
  }
  const size = part.fileBytes
  expect(size).toBeGreaterThan(TEN_GB)
  const end = await collectBytes(started.content.read(part.cid.toString(), { space, size, offset: size - 10 }))
  expect(end).toEqual(madeBytes(FILE_CHUNK_BYTES - 10, FILE_CHUNK_BYTES))
  expect(gateway.asked.length).toBe(4)
  expect(device.blocks.size).toBe(4)
})

it('a dag-cbor block that nests as deep as it is long is given as it is, and links to nothing', async () => {
  const nested = new Uint8Array(500_000).fill(0x81)
  nested[nested.length - 1] = 0x80
  const cid = (await serve(DAG_CBOR, nested)).toString()
  expect((await started.content.getBlock(cid, { space })).length).toBe(nested.length)
  expect((await started.content.availability(cid)).level).toBe('sent')
})
