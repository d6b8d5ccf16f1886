import type { CID } from 'multiformats/cid'
import { WebSocket as NodeWebSocket } from 'undici'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { cidOf, RAW } from './content-id.js'
import { collectBytes, madeBytes, startProvider, testDevice } from './test/device.js'
import { says, sends, startHostilePeer } from './test/hostile-peer.js'
import type { Answer, HostilePeer } from './test/hostile-peer.js'

const DEADLINE = 6000
/** So far away that what is answered at once is told from what waits for it on any machine. */
const FAR_DEADLINE = 60_000
const SOON = 30_000
const SIZE = 1000
const BYTES = madeBytes(0, SIZE)
const space = undefined

const ending: (() => Promise<void>)[] = []
const before = globalThis.WebSocket
let cid: CID

beforeAll(async () => {
  // Node 20 has none, and `ws` gives messages away that come along with the answer to its handshake.
  globalThis.WebSocket ??= NodeWebSocket as never
  cid = await cidOf(RAW, BYTES)
  // So that no test waits for libp2p's many modules.
  await import('./peers.js')
})
afterAll(() => {
  globalThis.WebSocket = before
})
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
})

async function peer(answer: Answer, options: { readonly speaksBitswap?: boolean } = {}): Promise<HostilePeer> {
  const started = await startHostilePeer(options)
  started.answer = answer
  ending.push(() => started.stop())
  return started
}

interface Reader {
  readonly read: () => Promise<Uint8Array>
  readonly stored: () => number
}

async function reader(peers: readonly string[], fetchDeadline = FAR_DEADLINE): Promise<Reader> {
  const device = testDevice()
  const { provider, content } = await startProvider(device, { peers, fetchDeadline })
  ending.push(() => provider.stop())
  return { read: () => collectBytes(content.read(cid.toString(), { space, size: SIZE })), stored: () => device.blocks.size }
}

async function timed(work: () => Promise<unknown>): Promise<{ readonly failure: unknown; readonly took: number }> {
  const since = performance.now()
  const failure: unknown = await work().then(
    () => undefined,
    (error: unknown) => error,
  )
  return { failure, took: performance.now() - since }
}

it('what every peer says it has not got is not found, at once: right after the start, again, and many times together', async () => {
  const { address } = await peer(says(cid, false))
  const { read } = await reader([address])
  for (const times of [1, 1, 4, 1]) {
    for (const { failure, took } of await Promise.all(Array.from({ length: times }, () => timed(read)))) {
      expect(failure).toMatchObject({ code: 'CONTENT_NOT_FOUND', message: expect.stringContaining('the peers have not got it') })
      expect(took).toBeLessThan(SOON)
    }
  }
})

it('what a peer has not got and then has is read', async () => {
  const changing = await peer(says(cid, false))
  const { read } = await reader([changing.address])
  expect((await timed(read)).failure).toMatchObject({ code: 'CONTENT_NOT_FOUND' })
  changing.answer = sends(cid, BYTES)
  expect(await read()).toEqual(BYTES)
})

it.each<readonly [string, (of: CID) => Answer]>([
  ['nothing', () => () => undefined],
  ['other bytes', (of) => sends(of, madeBytes(1, SIZE + 1))],
  ['that it has it, and never sends it', (of) => says(of, true)],
  ['what is no message', () => () => new Uint8Array(40).fill(0xff)],
  ['more than a message may hold', (of) => sends(of, new Uint8Array(5_000_000))],
])('a peer that says %s is given up at the deadline, and keeps nobody else from giving it', async (_, answer) => {
  const bad = await peer(answer(cid))
  const alone = await reader([bad.address], DEADLINE)
  const { failure, took } = await timed(alone.read)
  expect(failure).toMatchObject({ code: 'CONTENT_UNAVAILABLE', message: expect.stringMatching(/the peers did not answer within 6 s/) })
  expect(took).toBeGreaterThanOrEqual(DEADLINE)
  expect(alone.stored()).toBe(0)
  const good = await peer(sends(cid, BYTES))
  const both = await reader([bad.address, good.address])
  expect(await both.read()).toEqual(BYTES)
})

it('a peer that hangs up when it is asked ends the wait', async () => {
  const { address } = await peer(() => 'hang up')
  const { read } = await reader([address])
  const { failure, took } = await timed(read)
  expect(failure).toMatchObject({
    code: 'CONTENT_UNAVAILABLE',
    message: expect.stringMatching(/went away while it was asked|can't be asked/),
  })
  expect(took).toBeLessThan(SOON)
})

it('a peer that speaks no bitswap ends the wait', async () => {
  const { address } = await peer(() => undefined, { speaksBitswap: false })
  const { read } = await reader([address])
  const { failure, took } = await timed(read)
  expect(failure).toMatchObject({ code: 'CONTENT_UNAVAILABLE', message: expect.stringContaining("can't be asked") })
  expect(took).toBeLessThan(SOON)
})

it('while one peer is away, what the others have not got is not called not found', async () => {
  const one = await peer(says(cid, false))
  const gone = await startHostilePeer()
  await gone.stop()
  const { read } = await reader([one.address, gone.address])
  const { failure, took } = await timed(read)
  expect(failure).toMatchObject({
    code: 'CONTENT_UNAVAILABLE',
    message: expect.stringMatching(/that answered have not got it \(.*(does not answer|being dialled)/),
  })
  expect(took).toBeLessThan(SOON)
})

it('a peer that ends each connection at once is dialled again and again, ever more slowly, and read from once it behaves', async () => {
  const fickle = await peer(() => 'hang up')
  const { read } = await reader([fickle.address], DEADLINE)
  for (let times = 0; times < 3; times++) expect((await timed(read)).failure).toMatchObject({ code: 'CONTENT_UNAVAILABLE' })
  fickle.answer = sends(cid, BYTES)
  await expect.poll(() => read().catch(() => undefined), { timeout: 20_000, interval: 200 }).toEqual(BYTES)
})
