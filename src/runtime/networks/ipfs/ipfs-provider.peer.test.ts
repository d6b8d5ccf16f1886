import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket as NodeWebSocket } from 'undici'
import { hasPrograms, requireProgram } from '../../../devnet/binaries.js'
import { startKubo } from '../../../devnet/ipfs/kubo.js'
import type { Kubo } from '../../../devnet/ipfs/kubo.js'
import { nodePlatform } from '../../platform/node.js'
import { runProviderConformance } from '../../testing/provider-conformance.js'
import { FILE_CHUNK_BYTES } from '../content.js'
import { createIpfsProvider } from './ipfs-provider.js'
import { collectBytes, madeBytes, madeFile, startProvider, testDevice } from './test/device.js'

const run = promisify(execFile)
const space = undefined

describe.skipIf(!hasPrograms(['ipfs']))('a real Kubo', () => {
  const directory = mkdtempSync(join(tmpdir(), 'spicetime-kubo-'))
  let kubo: Kubo
  /** @returns what the command line of Kubo prints */
  const ipfs = async (...words: string[]): Promise<string> =>
    (
      await run(requireProgram('ipfs'), words, { env: { ...process.env, IPFS_PATH: join(directory, 'repo') }, maxBuffer: 1 << 20 })
    ).stdout.trim()
  const peersOnly = (): { peers: string[]; fetchDeadline: number } => ({ peers: [kubo.peer], fetchDeadline: 5_000 })
  const gatewayOnly = (): { gateways: string[]; fetchDeadline: number } => ({ gateways: [kubo.gateway], fetchDeadline: 5_000 })
  const before = globalThis.WebSocket
  beforeAll(async () => {
    // Node 20 has none, and `ws` gives messages away that come along with the answer to its handshake.
    globalThis.WebSocket ??= NodeWebSocket as never
    kubo = await startKubo({ directory: join(directory, 'repo') })
  }, 120_000)
  afterAll(async () => {
    globalThis.WebSocket = before
    await kubo?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  runProviderConformance('ipfs with a Kubo', () => {
    const device = testDevice([{ reference: 'space' as never, needs: ['storage'], secret: new Uint8Array(32) }])
    return Promise.resolve({
      provider: createIpfsProvider(device.parts),
      platform: nodePlatform,
      settings: { ...peersOnly(), ...gatewayOnly() },
      highestLevel: 'shared' as const,
      settle: <T>(work: Promise<T>) => work,
      contacts: () => 0,
      dispose: () => Promise.resolve(),
    })
  })

  it.each([0, 1, FILE_CHUNK_BYTES - 1, FILE_CHUNK_BYTES, FILE_CHUNK_BYTES + 1, 180 * FILE_CHUNK_BYTES])(
    'gives %d bytes the CID that it gives them',
    async (size) => {
      const file = join(directory, `file-${size}`)
      await writeFile(file, madeBytes(0, size))
      const theirs = await ipfs('add', '--cid-version=1', '--raw-leaves', '--chunker=size-262144', '--only-hash', '-Q', file)
      const { content, provider } = await startProvider(testDevice())
      expect((await content.add(madeFile(size), { space })).cid).toBe(theirs)
      await provider.stop()
    },
  )

  it.each(['a peer', 'a gateway'])('reads what it has, as %s', async (way) => {
    const size = 3_000_000 + way.length
    const file = join(directory, `served-${way.length}`)
    await writeFile(file, madeBytes(0, size))
    const cid = await ipfs('add', '--cid-version=1', '--raw-leaves', '--chunker=size-262144', '-Q', file)
    const device = testDevice()
    const { content, provider } = await startProvider(device, way === 'a peer' ? peersOnly() : gatewayOnly(), { seams: { fetch } })
    const tail = await collectBytes(content.read(cid, { space, size, offset: size - 1000 }))
    expect(Buffer.compare(tail, madeBytes(size - 1000, size))).toBe(0)
    // The root and the leaf that the range lies in.
    expect(device.blocks.size).toBe(2)
    expect(Buffer.compare(await collectBytes(content.read(cid, { space, size })), madeBytes(0, size))).toBe(0)
    await provider.stop()
  })

  it('names the peers when nobody has it, within the deadline', async () => {
    const absent = 'bafyreiea7jc6nkhcp2cfw6j35tcsovxzaq5ihxyq54vi4odlvwqgqfgxhy'
    const { content, provider } = await startProvider(testDevice(), peersOnly())
    const failure = await content.getBlock(absent, { space }).then(String, String)
    expect(failure).toMatch(/the peers (have not got it|did not answer within 5 s)/)
    await provider.stop()
  })

  it('serves it what this device has, over the connection that this device opened', async () => {
    const size = 1_200_000
    const { content, provider } = await startProvider(testDevice(), peersOnly())
    const { cid } = await content.add(madeFile(size, 70_001), { space: 'space' as never })
    await ipfs('pin', 'add', '--progress=false', cid)
    expect(
      (
        await run(requireProgram('ipfs'), ['cat', cid], {
          env: { ...process.env, IPFS_PATH: join(directory, 'repo') },
          encoding: 'buffer',
          maxBuffer: 1 << 24,
        })
      ).stdout.length,
    ).toBe(size)
    while ((await content.availability(cid)).level !== 'shared') await new Promise((resolve) => setTimeout(resolve, 50))
    await provider.stop()
  })
})
