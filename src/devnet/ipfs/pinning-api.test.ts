import { rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { encode as encodeCbor } from '@ipld/dag-cbor'
import { createLink, createNode, encode as encodePb } from '@ipld/dag-pb'
import type { CID } from 'multiformats/cid'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { blockName, cidOf, DAG_CBOR, DAG_PB, RAW } from '../../runtime/networks/ipfs/content-id.js'
import type { TestDevice } from '../../runtime/networks/ipfs/test/device.js'
import { leaf, pinServiceConformance } from '../../runtime/networks/ipfs/test/pin-service-conformance.js'
import { DAG_LIMITS } from './dag-fetch.js'
import type { EmbeddedPeer } from './embedded-peer.js'
import { besides, PeerBench } from './test/peer-bench.js'

const bench = new PeerBench()
afterEach(() => bench.clear())
afterAll(() => bench.remove())

const ORIGIN = 'http://localhost:4173'
/** A bound for a hung test, on machines that are busy. */
const PATIENCE = { timeout: 20_000 }
const NOBODY_HAS = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'

/** What the API says: of a request, of many, or of a refusal. */
interface Told {
  readonly requestid: string
  readonly status: string
  readonly created: string
  readonly pin: { readonly cid: string; readonly name: string }
  readonly delegates: readonly string[]
  readonly info: { readonly status_details: string }
  readonly count: number
  readonly results: readonly Told[]
}

/** Calls it as any program does. */
async function call(peer: EmbeddedPeer, path: string, init: RequestInit = {}): Promise<{ status: number; body: Told }> {
  const headers = new Headers({ authorization: `Bearer ${peer.pins.token}`, 'content-type': 'application/json' })
  for (const [name, value] of new Headers(init.headers)) headers.set(name, value)
  const response = await fetch(`${peer.pins.url}/${path}`, { ...init, headers })
  const text = await response.text()
  return { status: response.status, body: JSON.parse(text.startsWith('{') ? text : '{}') }
}

const post = (peer: EmbeddedPeer, body: unknown, path = 'pins'): ReturnType<typeof call> =>
  call(peer, path, { method: 'POST', body: JSON.stringify(body) })

async function put(device: TestDevice, codec: number, bytes: Uint8Array): Promise<CID> {
  const cid = await cidOf(codec, bytes)
  await device.store.put([[blockName(cid), Uint8Array.from(bytes)]])
  return cid
}

const statusOf = async (peer: EmbeddedPeer, id: string): Promise<string> => (await call(peer, `pins/${id}`)).body.status

describe('the embedded peer as a pin service', () => {
  pinServiceConformance(async () => {
    const peer = await bench.peer()
    const { device } = await bench.device(peer)
    return { service: besides(bench.pins(peer), device) }
  })

  it('fetches a whole DAG, serves it once the device is gone, and keeps pins, identity and blocks over a restart', async () => {
    const directory = join(bench.root, 'kept')
    const first = await bench.peer({ directory })
    const { device, provider } = await bench.device(first)
    const leaves = await Promise.all(Array.from({ length: 40 }, (_, at) => put(device, RAW, new Uint8Array(1_000).fill(at))))
    const node = await put(
      device,
      DAG_PB,
      encodePb(
        createNode(
          new Uint8Array(0),
          leaves.map((cid) => createLink('', 1_000, cid)),
        ),
      ),
    )
    const root = await put(device, DAG_CBOR, encodeCbor({ deep: [{ node }], again: node }))
    const { body } = await post(first, { cid: root.toString(), name: 'all of it', meta: { of: 'a test' } })
    expect(body).toMatchObject({ status: 'queued', pin: { cid: root.toString(), name: 'all of it', meta: { of: 'a test' } } })
    expect(body.delegates).toEqual([first.peer])
    await expect.poll(() => statusOf(first, body.requestid), PATIENCE).toBe('pinned')
    await provider.stop()
    await first.close()
    const second = await bench.peer({ directory })
    expect(second.peer.split('/').at(-1)).toBe(first.peer.split('/').at(-1))
    expect((await call(second, `pins/${body.requestid}`)).body).toMatchObject({
      status: 'pinned',
      pin: { name: 'all of it' },
      created: body.created,
    })
    for (const cid of [root, node, ...leaves]) expect((await fetch(`${second.gateway}/ipfs/${cid.toString()}?format=raw`)).status).toBe(200)
  })

  it('says so when its blocks are gone, and gets them again', async () => {
    const directory = join(bench.root, 'lost')
    const first = await bench.peer({ directory })
    const { device } = await bench.device(first)
    const request = await leaf('lost and found', 'a')
    await besides(bench.pins(first), device).pin(request)
    await expect.poll(() => bench.pins(first).states([request.cid]), PATIENCE).toEqual(new Map([[request.cid, 'pinned']]))
    await bench.clear()
    rmSync(join(directory, 'helia', 'blocks'), { recursive: true })
    const second = await bench.peer({ directory })
    await expect.poll(() => bench.pins(second).states([request.cid]), PATIENCE).toEqual(new Map([[request.cid, 'pinning']]))
    await bench.device(second, device)
    await expect.poll(() => bench.pins(second).states([request.cid]), PATIENCE).toEqual(new Map([[request.cid, 'pinned']]))
  })

  it('goes on after a restart with what it had not got yet, and drops what nobody wants pinned any more', async () => {
    const directory = join(bench.root, 'unfinished')
    const first = await bench.peer({ directory })
    const request = await leaf('comes later', 'a')
    await bench.pins(first).pin(request)
    await expect.poll(() => bench.pins(first).states([request.cid]), PATIENCE).toEqual(new Map([[request.cid, 'pinning']]))
    await first.close()
    const second = await bench.peer({ directory })
    const { device } = await bench.device(second)
    await besides(bench.pins(second), device).pin(request)
    await expect.poll(() => bench.pins(second).states([request.cid]), PATIENCE).toEqual(new Map([[request.cid, 'pinned']]))
    const asked = (): Promise<number> => fetch(`${second.gateway}/ipfs/${request.cid}?format=raw`).then(({ status }) => status)
    const { body } = await post(second, { cid: request.cid, name: 'another' })
    await bench.pins(second).unpin(request.cid)
    expect((await call(second, `pins/${body.requestid}`)).status).toBe(404)
    await expect.poll(asked, PATIENCE).toBe(404)
  })

  it('keeps blocks for as long as one of several requests needs them', async () => {
    const peer = await bench.peer()
    const { device } = await bench.device(peer)
    const shared = await put(device, RAW, new TextEncoder().encode('shared'))
    const roots = await Promise.all(['one', 'two'].map((name) => put(device, DAG_CBOR, encodeCbor({ name, shared }))))
    const requests = await Promise.all([...roots, ...roots].map((cid) => post(peer, { cid: cid.toString() })))
    for (const { body } of requests) await expect.poll(() => statusOf(peer, body.requestid), PATIENCE).toBe('pinned')
    for (const { body } of requests.slice(0, 3)) expect((await call(peer, `pins/${body.requestid}`, { method: 'DELETE' })).status).toBe(202)
    await expect.poll(async () => (await fetch(`${peer.gateway}/ipfs/${String(roots[0])}?format=raw`)).status, PATIENCE).toBe(404)
    for (const cid of [roots[1], shared]) expect((await fetch(`${peer.gateway}/ipfs/${String(cid)}?format=raw`)).status).toBe(200)
  })
})

describe('what its API is asked', () => {
  it('finds by CID, status, name, time and meta, newest first, and pages', async () => {
    const peer = await bench.peer()
    const { device } = await bench.device(peer)
    const cids: string[] = []
    for (const name of ['Plan', 'plan b', 'other']) {
      const cid = String(await put(device, RAW, new TextEncoder().encode(name)))
      cids.push(cid)
      await post(peer, { cid, name, meta: { kind: name === 'other' ? 'x' : 'y' } })
    }
    const found = async (query: string): Promise<readonly string[]> =>
      (await call(peer, `pins?${query}`)).body.results.map(({ pin }) => pin.name)
    await expect.poll(() => found(''), PATIENCE).toEqual(['other', 'plan b', 'Plan'])
    expect(await found('status=queued,pinning,failed')).toEqual([])
    expect(await found(`cid=${cids[0]},${cids[2]}`)).toEqual(['other', 'Plan'])
    expect(await found('name=plan')).toEqual([])
    expect(await found('name=plan&match=iexact')).toEqual(['Plan'])
    expect(await found('name=plan&match=partial')).toEqual(['plan b'])
    expect(await found('name=plan&match=ipartial')).toEqual(['plan b', 'Plan'])
    expect(await found(`meta=${encodeURIComponent('{"kind":"y"}')}`)).toEqual(['plan b', 'Plan'])
    const page = (await call(peer, 'pins?limit=1')).body
    expect(page).toMatchObject({ count: 3, results: [{ pin: { name: 'other' } }] })
    expect(await found(`before=${page.results[0]?.created}`)).toEqual(['plan b', 'Plan'])
    expect(await found(`after=${page.results[0]?.created}`)).toEqual([])
  })

  it.each([
    ['no CID', 'pins', { cid: 'no cid' }],
    ['a pin without a CID', 'pins', {}],
    ['a body that is no map', 'pins', 'text'],
    ['a long name', 'pins', { cid: NOBODY_HAS, name: 'n'.repeat(256) }],
    ['many origins', 'pins', { cid: NOBODY_HAS, origins: Array(21).fill('/ip4/127.0.0.1/tcp/1/ws') }],
    ['an origin that is no text', 'pins', { cid: NOBODY_HAS, origins: [7] }],
    ['meta that is deep', 'pins', { cid: NOBODY_HAS, meta: { deep: {} } }],
    ['meta that is long', 'pins', { cid: NOBODY_HAS, meta: { long: 'm'.repeat(40_000) } }],
    ['a question for no CID', 'pins?cid=none', undefined],
    ['a question for many CIDs', `pins?cid=${Array(11).fill(NOBODY_HAS).join(',')}`, undefined],
    ['no status', 'pins?status=good', undefined],
    ['no way to match', 'pins?match=toString', undefined],
    ['a limit of none', 'pins?limit=0', undefined],
    ['a limit of too many', 'pins?limit=1001', undefined],
    ['no time', 'pins?before=yesterday', undefined],
    ['no JSON', 'pins?meta={', undefined],
  ])('refuses %s, says what is wrong, and keeps nothing', async (_, path: string, body?: unknown) => {
    const peer = await bench.peer()
    const answer = await (body === undefined ? call(peer, path) : post(peer, body))
    expect(answer).toMatchObject({ status: 400, body: { error: { reason: 'BAD_REQUEST', details: expect.stringMatching(/\.$/) } } })
    expect((await call(peer, 'pins?status=queued,pinning,pinned,failed')).body.count).toBe(0)
  })

  it('lets nobody in without the token, from another page, or under another name', async () => {
    const peer = await bench.peer({ origins: [ORIGIN] })
    for (const authorization of ['', 'Bearer', 'Bearer wrong', `Basic ${peer.pins.token}`, `Bearer ${peer.pins.token}x`])
      expect(await call(peer, 'pins', { headers: { authorization } })).toMatchObject({
        status: 401,
        body: { error: { reason: 'UNAUTHORIZED' } },
      })
    expect((await call(peer, 'pins', { headers: { origin: 'http://localhost:9999' } })).status).toBe(403)
    expect((await call(peer, 'pins', { headers: { origin: ORIGIN } })).status).toBe(200)
    const { port } = new URL(peer.pins.url)
    const status = await new Promise((resolve, reject) =>
      httpRequest({ port, path: `/ipfs/${NOBODY_HAS}?format=raw`, headers: { host: 'rebound.example' } }, ({ statusCode }) =>
        resolve(statusCode),
      )
        .on('error', reject)
        .end(),
    )
    expect(status).toBe(403)
    const asked = await fetch(`${peer.pins.url}/pins/x`, {
      method: 'OPTIONS',
      headers: { origin: ORIGIN, 'access-control-request-method': 'DELETE' },
    })
    expect(asked.headers.get('access-control-allow-methods')).toContain('DELETE')
    expect(asked.headers.get('access-control-allow-headers')).toContain('authorization')
  })

  it('listens to no more than a body may have, and to nothing elsewhere', async () => {
    const peer = await bench.peer()
    expect((await post(peer, { cid: NOBODY_HAS, name: 'n'.repeat(100_000) })).status).toBe(413)
    for (const path of ['', 'pin', 'pins/x/y', 'pins/x', 'ipns/x', 'api/v0/id']) expect((await call(peer, path)).status).toBe(404)
    expect((await call(peer, 'pins', { method: 'PUT' })).status).toBe(404)
  })

  it('keeps so many pins and no more; a removed one makes room', async () => {
    const peer = await bench.peer({ mostPins: 2 })
    const first = await post(peer, { cid: NOBODY_HAS })
    await post(peer, { cid: NOBODY_HAS })
    expect(await post(peer, { cid: NOBODY_HAS })).toMatchObject({ status: 409, body: { error: { reason: 'INSUFFICIENT_FUNDS' } } })
    await call(peer, `pins/${first.body.requestid}`, { method: 'DELETE' })
    expect((await post(peer, { cid: NOBODY_HAS })).status).toBe(202)
  })
})

describe('all pins together', () => {
  const settled = async (peer: EmbeddedPeer, cid: CID): Promise<{ readonly id: string; readonly body: Told }> => {
    const id = (await post(peer, { cid: cid.toString() })).body.requestid
    await expect.poll(() => statusOf(peer, id), PATIENCE).toMatch(/pinned|failed/)
    return { id, body: (await call(peer, `pins/${id}`)).body }
  }

  it('have so many bytes and no more: what does not fit fails and goes, what was pinned stays, also over a restart', async () => {
    const settings = { directory: join(bench.root, 'full'), mostBytes: 250_000 }
    const first = await bench.peer(settings)
    const { device, provider } = await bench.device(first)
    const leaves = await Promise.all([1, 2, 3, 4].map((fill) => put(device, RAW, new Uint8Array(60_000).fill(fill))))
    const two = await put(device, DAG_CBOR, encodeCbor(leaves.slice(0, 2)))
    const three = await put(device, DAG_CBOR, encodeCbor(leaves.slice(1)))
    const served = async (peer: EmbeddedPeer, cid: CID | undefined): Promise<number> =>
      (await fetch(`${peer.gateway}/ipfs/${String(cid)}?format=raw`)).status
    expect((await settled(first, two)).body.status).toBe('pinned')
    // The same once more needs no more room.
    const again = await settled(first, two)
    expect(again.body.status).toBe('pinned')
    const refused = await settled(first, three)
    expect(refused.body).toMatchObject({
      status: 'failed',
      info: { status_details: 'There is no room for it: all pins together have at most 250000 bytes. Remove some.' },
    })
    await expect.poll(() => served(first, leaves[3]), PATIENCE).toBe(404)
    for (const cid of [two, leaves[0], leaves[1]]) expect(await served(first, cid)).toBe(200)
    await Promise.all([provider.stop(), first.close()])

    const second = await bench.peer(settings)
    await bench.device(second, device)
    expect((await settled(second, three)).body.status).toBe('failed')
    expect((await settled(second, leaves[2] ?? three)).body.status).toBe('pinned')
    await bench.pins(second).unpin(two.toString())
    expect((await settled(second, three)).body.status).toBe('pinned')
  })

  it('that leave no room at all: a new request is refused at once, until one is removed', async () => {
    const peer = await bench.peer({ mostBytes: 1_000 })
    const { device } = await bench.device(peer)
    const { id, body } = await settled(peer, await put(device, RAW, new Uint8Array(1_000)))
    expect(body.status).toBe('pinned')
    expect(await post(peer, { cid: NOBODY_HAS })).toMatchObject({
      status: 409,
      body: { error: { reason: 'INSUFFICIENT_FUNDS', details: 'This devnet keeps at most 1000 bytes of pins. Remove some.' } },
    })
    await call(peer, `pins/${id}`, { method: 'DELETE' })
    expect((await post(peer, { cid: NOBODY_HAS })).status).toBe(202)
  })
})

describe('what it is asked to pin', () => {
  const failureOf = async (peer: EmbeddedPeer, cid: string, origins: readonly string[] = []): Promise<string> => {
    const { body } = await post(peer, { cid, name: 'a', origins })
    await expect.poll(() => statusOf(peer, body.requestid), PATIENCE).toBe('failed')
    return (await call(peer, `pins/${body.requestid}`)).body.info.status_details
  }

  it('fails when nobody has it, says why, and a replaced request is tried anew', async () => {
    const peer = await bench.peer({ limits: { blockDeadline: 200 } })
    const request = await leaf('brought in time', 'a')
    expect(await failureOf(peer, request.cid)).toMatch(/Nobody who is connected gave the block .* within 0.2 s/)
    const { device } = await bench.device(peer)
    await besides(bench.pins(peer), device).pin(request)
    await expect.poll(() => bench.pins(peer).states([request.cid]), PATIENCE).toEqual(new Map([[request.cid, 'pinned']]))
    expect((await call(peer, 'pins?status=queued,pinning,pinned,failed')).body.count).toBe(1)
  })

  it('dials an origin of this machine, and none elsewhere', async () => {
    const [one, two] = [await bench.peer({ limits: { blockDeadline: 500 } }), await bench.peer({ limits: { blockDeadline: 500 } })]
    const { device } = await bench.device(one)
    const request = await leaf('of the one', 'a')
    await besides(bench.pins(one), device).pin(request)
    await expect.poll(() => bench.pins(one).states([request.cid]), PATIENCE).toEqual(new Map([[request.cid, 'pinned']]))
    expect(await failureOf(two, request.cid, ['/ip4/192.0.2.1/tcp/1/ws', '/nonsense', '/ip4/127.0.0.1/tcp/1/ws'])).toMatch(/Nobody/)
    await post(two, { cid: request.cid, origins: [one.peer] })
    await expect.poll(() => bench.pins(two).states([request.cid]), PATIENCE).toEqual(new Map([[request.cid, 'pinned']]))
  })

  it('bounds what a pin is: blocks, bytes, bytes of one block, time; and what it had of it goes', async () => {
    const peer = await bench.peer({ limits: { blocks: 20, bytes: 3_000_000, blockDeadline: 500, deadline: 2_000 } })
    const { device } = await bench.device(peer)
    const wide = await Promise.all(Array.from({ length: 30 }, (_, at) => put(device, RAW, Uint8Array.of(at))))
    expect(await failureOf(peer, String(await put(device, DAG_CBOR, encodeCbor(wide))))).toMatch(/more than the 20 blocks/)
    const heavy = await Promise.all(Array.from({ length: 8 }, (_, at) => put(device, RAW, new Uint8Array(500_000).fill(at))))
    expect(await failureOf(peer, String(await put(device, DAG_CBOR, encodeCbor(heavy))))).toMatch(/more than the 3000000 bytes/)
    expect(await failureOf(peer, String(await put(device, RAW, new Uint8Array(2_500_000))))).toMatch(/more than the|Nobody/)
    for (const cid of [...wide, ...heavy])
      await expect.poll(async () => (await fetch(`${peer.gateway}/ipfs/${cid.toString()}?format=raw`)).status, PATIENCE).toBe(404)
  })

  it('pins a DAG that has more ways through it than anyone could walk', async () => {
    const peer = await bench.peer({ limits: { blockDeadline: 10_000 } })
    const { device } = await bench.device(peer)
    let node = await put(device, RAW, Uint8Array.of(1))
    for (let depth = 0; depth < 60; depth++) node = await put(device, DAG_CBOR, encodeCbor([node, node]))
    const { body } = await post(peer, { cid: node.toString() })
    await expect.poll(() => statusOf(peer, body.requestid), PATIENCE).toBe('pinned')
    expect((await call(peer, `pins/${body.requestid}`, { method: 'DELETE' })).status).toBe(202)
    await expect.poll(async () => (await fetch(`${peer.gateway}/ipfs/${node.toString()}?format=raw`)).status, PATIENCE).toBe(404)
  })

  it('refuses what is no block of its codec, or of none that is known', async () => {
    const peer = await bench.peer({ limits: { blockDeadline: 500 } })
    const { device } = await bench.device(peer)
    expect(await failureOf(peer, String(await put(device, DAG_CBOR, Uint8Array.of(0xff, 0xff))))).not.toBe('')
    expect(await failureOf(peer, String(await put(device, 0x0129, Uint8Array.of(1))))).not.toBe('')
  })

  it('a request that is removed while it waits is let go of at once', async () => {
    const peer = await bench.peer()
    const { body } = await post(peer, { cid: NOBODY_HAS })
    await expect.poll(() => statusOf(peer, body.requestid), PATIENCE).toBe('pinning')
    const started = performance.now()
    expect((await call(peer, `pins/${body.requestid}`, { method: 'DELETE' })).status).toBe(202)
    expect(performance.now() - started).toBeLessThan(DAG_LIMITS.blockDeadline / 2)
    expect((await call(peer, `pins/${body.requestid}`)).status).toBe(404)
  })
})
