// The order counts: Helia and libp2p need these while their modules are evaluated.
import '../../src/runtime/networks/ipfs/with-resolvers.js'
import '../../src/devnet/ipfs/with-web-socket.js'
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { unixfs } from '@helia/unixfs'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createHeliaLight } from 'helia'
import { CID } from 'multiformats/cid'
import { startIpfsDevnet } from '../../src/devnet/ipfs/ipfs-devnet.js'
import { startProvider, testDevice } from '../../src/runtime/networks/ipfs/test/device.js'

/** Milliseconds until the whole file was read, each time with nothing stored before. */
export interface Fetched {
  readonly byPeer: number
  readonly byGateway: number
  /** Helia and bitswap without the runtime. */
  readonly plain: number
}

export interface FetchOptions {
  readonly directory: string
  readonly bytes: number
  readonly rounds: number
}

/** Files that a real Kubo has, all stores in memory. */
export async function measureFetch({ directory, bytes, rounds }: FetchOptions): Promise<readonly Fetched[]> {
  const kubo = await startIpfsDevnet({ directory, origins: [], kind: 'kubo' })
  try {
    const found: Fetched[] = []
    for (let round = 0; round < rounds; round++) {
      const cid = await addTo(kubo.pins.url, randomBytes(bytes))
      found.push({
        plain: await fetchPlain(cid, kubo.peer, bytes),
        byPeer: await fetchOurs(cid, { peers: [kubo.peer] }, bytes),
        byGateway: await fetchOurs(cid, { gateways: [kubo.gateway] }, bytes),
      })
    }
    return found
  } finally {
    await kubo.close()
  }
}

async function fetchOurs(cid: string, settings: object, size: number): Promise<number> {
  const { content, provider } = await startProvider(testDevice(), settings, { seams: { fetch } })
  try {
    // It connects with the first content.
    await content.putBlock(Uint8Array.of(0xa0), { space: undefined })
    while ('peers' in settings && provider.facts()['peers connected'] !== '1 of 1') await new Promise((resolve) => setTimeout(resolve, 10))
    return await timed(content.read(cid, { space: undefined, size }), size)
  } finally {
    await provider.stop()
  }
}

async function fetchPlain(cid: string, peer: string, size: number): Promise<number> {
  const helia = await withBitswap(
    withLibp2pLight(createHeliaLight(), {
      addresses: { listen: [] },
      transports: [webSockets()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionGater: { denyDialMultiaddr: () => false },
      services: { identify: identify() },
    }),
  ).start()
  try {
    await helia.libp2p.dial(multiaddr(peer))
    return await timed(unixfs(helia).cat(CID.parse(cid)), size)
  } finally {
    await helia.stop()
  }
}

async function timed(file: AsyncIterable<Uint8Array>, size: number): Promise<number> {
  const start = performance.now()
  let read = 0
  for await (const { length } of file) read += length
  if (read !== size) throw new Error(`${read} of ${size} bytes came`)
  return performance.now() - start
}

async function addTo(rpc: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const body = new FormData()
  body.append('file', new Blob([bytes]))
  const answer = await fetch(`${rpc}/api/v0/add?cid-version=1&raw-leaves=true&chunker=size-262144`, { method: 'POST', body })
  const { Hash: cid }: { Hash?: unknown } = await answer.json()
  if (typeof cid !== 'string') throw new Error('Kubo did not say what it added')
  return cid
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536))
  return bytes
}
