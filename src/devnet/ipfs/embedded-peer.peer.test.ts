import { writeFileSync } from 'node:fs'
import { unixfs } from '@helia/unixfs'
import { createHeliaLight } from 'helia'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { nodePlatform } from '../../runtime/platform/node.js'
import { FILE_CHUNK_BYTES } from '../../runtime/networks/content.js'
import { createIpfsProvider } from '../../runtime/networks/ipfs/ipfs-provider.js'
import { collectBytes, madeBytes, madeFile, startProvider, testDevice } from '../../runtime/networks/ipfs/test/device.js'
import { runProviderConformance } from '../../runtime/testing/provider-conformance.js'
import type { EmbeddedPeer } from './embedded-peer.js'
import { startIpfsDevnet } from './ipfs-devnet.js'
import { PeerBench } from './test/peer-bench.js'

const bench = new PeerBench()
const PATIENCE = { timeout: 20_000 }
/** What is of no space stays on its device. */
const space = 'space' as never

afterEach(() => bench.clear())
afterAll(() => bench.remove())

/** As `npm start` tells the page of it. */
const settingsFor = ({ peer, gateway, pins }: EmbeddedPeer) => ({
  peers: [peer],
  gateways: [gateway],
  pins: [{ kind: 'service', ...pins }],
  fetchDeadline: 5_000,
})

runProviderConformance('ipfs with the embedded peer', async () => {
  const device = testDevice([{ reference: 'space' as never, needs: ['storage'], secret: new Uint8Array(32) }])
  return {
    provider: createIpfsProvider(device.parts),
    platform: nodePlatform,
    settings: settingsFor(await bench.peer()),
    highestLevel: 'final',
    settle: (work) => work,
    contacts: () => 0,
    dispose: () => Promise.resolve(),
  }
})

describe('files by way of the embedded peer', () => {
  it.each(['a peer', 'a gateway'])('what one device added is final, and another reads it from it as %s', async (way) => {
    const peer = await bench.peer()
    const size = 3_000_000 + way.length
    const ada = await startProvider(testDevice(), settingsFor(peer), { seams: { fetch } })
    const { cid } = await ada.content.add(madeFile(size), { space })
    await expect.poll(() => ada.content.availability(cid), PATIENCE).toMatchObject({ level: 'final', pins: [{ state: 'pinned' }] })
    await ada.provider.stop()
    const settings = way === 'a peer' ? { peers: [peer.peer] } : { gateways: [peer.gateway] }
    const device = testDevice()
    const ben = await startProvider(device, { ...settings, fetchDeadline: 5_000 }, { seams: { fetch } })
    const tail = await collectBytes(ben.content.read(cid, { space, size, offset: size - 1000 }))
    expect(Buffer.compare(tail, madeBytes(size - 1000, size))).toBe(0)
    // The root and the leaf that the range lies in.
    expect(device.blocks.size).toBe(2)
    expect(Buffer.compare(await collectBytes(ben.content.read(cid, { space, size })), madeBytes(0, size))).toBe(0)
    await ben.provider.stop()
  })

  it.each([0, 1, FILE_CHUNK_BYTES - 1, FILE_CHUNK_BYTES, FILE_CHUNK_BYTES + 1, 180 * FILE_CHUNK_BYTES])(
    '%d bytes have the CID that Helia gives them, and are served under it',
    async (size) => {
      const peer = await bench.peer()
      const fs = unixfs(createHeliaLight())
      const theirs = await fs.addByteStream(madeFile(size), {
        ...{ cidVersion: 1, rawLeaves: true },
        ...{ chunker: fixedSize({ chunkSize: FILE_CHUNK_BYTES }), layout: balanced({ maxChildrenPerNode: 174 }) },
      })
      const ada = await startProvider(testDevice(), settingsFor(peer), { seams: { fetch } })
      const { cid } = await ada.content.add(madeFile(size), { space })
      expect(cid).toBe(theirs.toString())
      await expect.poll(() => ada.content.availability(cid), PATIENCE).toMatchObject({ level: 'final' })
      await ada.provider.stop()
      const ben = await startProvider(testDevice(), { gateways: [peer.gateway], fetchDeadline: 5_000 }, { seams: { fetch } })
      expect(Buffer.compare(await collectBytes(ben.content.read(cid, { space, size })), madeBytes(0, size))).toBe(0)
      await ben.provider.stop()
    },
  )

  it('one that lost its disk is brought the content again', async () => {
    const device = testDevice()
    const peers = [await bench.peer(), await bench.peer()]
    const sizes: number[] = []
    let cid = ''
    for (const peer of peers) {
      const { content, provider } = await startProvider(device, settingsFor(peer), { seams: { fetch } })
      cid = (await content.add(madeFile(600_000), { space })).cid
      await expect.poll(async () => (await fetch(`${peer.gateway}/ipfs/${cid}?format=raw`)).status, PATIENCE).toBe(200)
      await expect.poll(() => content.availability(cid), PATIENCE).toMatchObject({ level: 'final', pins: [{ state: 'pinned' }] })
      await provider.stop()
      sizes.push(device.blocks.size)
    }
    expect(sizes).toEqual([4, 4])
  })
})

describe('the gateway of the embedded peer', () => {
  const RAW = 'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'

  it('gives blocks that are here, and no pages, paths, CARs or other hosts’ content', async () => {
    const peer = await bench.peer()
    const { content } = await bench.device(peer)
    const { cid } = await content.add(madeFile(10), { space })
    await bench.pins(peer).pin({ cid, name: 'a', origins: [], blocks: () => expect.fail('it takes no blocks') })
    const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${peer.gateway}/ipfs/${path}`, init)
    await expect.poll(async () => (await get(`${cid}?format=raw`)).status, PATIENCE).toBe(200)
    const block = await get(cid, { headers: { accept: 'application/vnd.ipld.raw' } })
    expect(Buffer.compare(new Uint8Array(await block.arrayBuffer()), madeBytes(0, 10))).toBe(0)
    expect(Object.fromEntries(block.headers)).toMatchObject({
      ...{ 'content-type': 'application/vnd.ipld.raw', 'content-length': '10', 'x-content-type-options': 'nosniff', etag: `"${cid}.raw"` },
    })
    expect(await (await get(`${cid}?format=raw`, { method: 'HEAD' })).text()).toBe('')
    const statuses = async (paths: readonly string[]): Promise<readonly number[]> => {
      const answers = await Promise.all(paths.map((path) => get(path)))
      return answers.map(({ status }) => status)
    }
    expect(await statuses([cid, `${cid}?format=car`, `${cid}?format=dag-json`])).toEqual([406, 406, 406])
    expect(await statuses([`${cid}/x?format=raw`, 'nothing?format=raw', '?format=raw', `${'b'.repeat(5_000)}?format=raw`])).toEqual([
      400, 400, 400, 400,
    ])
    expect(await statuses([`${RAW}?format=raw`])).toEqual([404])
    expect((await get(`${cid}?format=raw`, { method: 'POST' })).status).toBe(405)
  })
})

describe('the IPFS devnet', () => {
  it('runs the embedded peer where it is asked for or no Kubo is found, in one process at a time', async () => {
    const directory = `${bench.root}/devnet`
    const devnet = await startIpfsDevnet({ directory, origins: ['http://localhost:4173'], kind: 'embedded' })
    try {
      expect(devnet).toMatchObject({
        ...{ kind: 'embedded', peer: expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws\/p2p\/12D3/) },
        pins: { kind: 'service', url: devnet.gateway, token: expect.stringMatching(/^[0-9a-f]{48}$/) },
      })
    } finally {
      await devnet.close()
    }
    await expect(fetch(`${devnet.gateway}/pins`)).rejects.toThrow('fetch failed')
    writeFileSync(`${directory}/embedded/ipfs-process`, String(process.ppid))
    await expect(startIpfsDevnet({ directory, origins: ['*'], kind: 'embedded' })).rejects.toMatchObject({ code: 'DEVNET_FAILED' })
  })
})
