// The order counts: libp2p needs it while its modules are evaluated.
import '../with-resolvers.js'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import type { CID } from 'multiformats/cid'

const BITSWAP = '/ipfs/bitswap/1.2.0'
const HAS = 0
const HAS_NOT = 1

/** What it sends back for each list of wants; undefined: nothing. */
export type Answer = () => Uint8Array | undefined | 'hang up'

export interface HostilePeer {
  /** Multiaddr for the settings. */
  readonly address: string
  answer: Answer
  /** Lists of wants that came. */
  asked: number
  stop(): Promise<void>
}

export const says = (cid: CID, has: boolean): Answer => {
  const message = field(4, [...field(1, cid.bytes), 2 << 3, has ? HAS : HAS_NOT])
  return () => message
}

export const sends = (cid: CID, bytes: Uint8Array): Answer => {
  const prefix = [1, cid.code, 0x12, 0x20]
  const message = field(3, [...field(1, prefix), ...field(2, bytes)])
  return () => message
}

/** A real libp2p node on loopback that others dial, whose bitswap says what the test wants. https://specs.ipfs.tech/bitswap-protocol/ */
export async function startHostilePeer({ speaksBitswap = true } = {}): Promise<HostilePeer> {
  const libp2p = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  })
  const peer: HostilePeer = {
    address: libp2p.getMultiaddrs()[0]?.toString() ?? '',
    answer: () => undefined,
    asked: 0,
    stop: async () => await libp2p.stop(),
  }
  if (!speaksBitswap) return peer
  await libp2p.handle(BITSWAP, async (stream, connection) => {
    peer.asked += 1
    // What it says is not read: a test knows what is asked for.
    stream.addEventListener('message', () => undefined)
    const answer = peer.answer()
    // Its abort leaves the socket open, over WebSockets.
    if (answer === 'hang up') return void connection.close().catch(() => undefined)
    if (answer === undefined) return
    const back = await connection.newStream(BITSWAP)
    back.send(Uint8Array.from([...varint(answer.length), ...answer]))
    await back.close()
  })
  return peer
}

/** A field of bytes: https://protobuf.dev/programming-guides/encoding/ */
function field(number: number, bytes: Iterable<number>): Uint8Array {
  const content = Uint8Array.from(bytes)
  const head = [(number << 3) | 2, ...varint(content.length)]
  const whole = new Uint8Array(head.length + content.length)
  whole.set(head)
  whole.set(content, head.length)
  return whole
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))]
}
