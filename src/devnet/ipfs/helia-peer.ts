// The order counts: Helia and libp2p need these while their modules are evaluated.
import '../../runtime/networks/ipfs/with-resolvers.js'
import './with-web-socket.js'
import { join } from 'node:path'
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import * as dagCbor from '@ipld/dag-cbor'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { FsBlockstore } from 'blockstore-fs'
import { FsDatastore } from 'datastore-fs'
import { createHeliaLight } from 'helia'
import type { Helia } from 'helia'
import { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'

/** A Helia with blocks and identity on disk, which browsers of this machine dial. */
export interface HeliaPeer {
  readonly helia: Helia
  /** Multiaddr with its id. */
  readonly address: string
  /** Dials those of the addresses that are on this machine. Whether it reached them, bitswap finds out. */
  connect(addresses: readonly string[], signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** Devices share one host here, so that the usual bound of connections a second from one host would be one for all. */
const CONNECTIONS = 256
const CONNECTIONS_A_SECOND = 64
const DIAL_BOUND = 5_000
/** Of a stream that nobody listens to yet: a Helia answers all that it was asked for in one, and beyond the usual 4 MiB it would be dropped without a word. */
const MOST_UNREAD_BYTES = 64 * 1024 * 1024
const LOOPBACK = /^\/(ip4\/127\.\d{1,3}\.\d{1,3}\.\d{1,3}|ip6\/::1|dns[46]?\/localhost)\/tcp\//

/** Listens on loopback, asks and tells nobody but those who are connected. @throws SpiceTimeError DEVNET_FAILED */
export async function openHeliaPeer(directory: string): Promise<HeliaPeer> {
  const blockstore = new FsBlockstore(join(directory, 'blocks'))
  const datastore = new FsDatastore(join(directory, 'data'))
  await Promise.all([blockstore.open(), datastore.open()])
  const light = createHeliaLight({ blockstore, datastore, codecs: [dagCbor] })
  // Without a key given, the one that the datastore keeps is taken.
  const helia = await withBitswap(
    withLibp2pLight(light, {
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
      transports: [webSockets()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux({ streamOptions: { maxReadBufferLength: MOST_UNREAD_BYTES } })],
      connectionGater: { denyDialMultiaddr: (address) => !LOOPBACK.test(address.toString()) },
      connectionManager: { maxConnections: CONNECTIONS, inboundConnectionThreshold: CONNECTIONS_A_SECOND },
      services: { identify: identify() },
    }),
  ).start()
  const close = async (): Promise<void> => {
    await helia.stop()
    await Promise.all([blockstore.close(), datastore.close()])
  }
  const address = helia.libp2p
    .getMultiaddrs()
    .map(String)
    .find((each) => LOOPBACK.test(each))
  if (address === undefined) {
    await close()
    throw new SpiceTimeError(
      'DEVNET_FAILED',
      'The embedded IPFS peer could open no port on loopback. End what uses them all, and start again.',
    )
  }
  const dial = async (to: string, signal: AbortSignal): Promise<void> => {
    try {
      await helia.libp2p.dial(multiaddr(to), { signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_BOUND)]) })
    } catch {
      // Away, or no address: somebody else may have the blocks.
    }
  }
  return {
    ...{ helia, address, close },
    async connect(addresses, signal) {
      await Promise.all(addresses.filter((each) => LOOPBACK.test(each)).map((each) => dial(each, signal)))
    },
  }
}
