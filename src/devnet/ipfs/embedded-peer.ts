import { join } from 'node:path'
import { holdDirectory } from '../held-directory.js'
import { newToken, say, serveLoopback } from '../loopback-server.js'
import { serveBlock } from './block-gateway.js'
import { DAG_LIMITS } from './dag-fetch.js'
import type { DagLimits } from './dag-fetch.js'
import { openHeliaPeer } from './helia-peer.js'
import type { HeliaPeer } from './helia-peer.js'
import { PinLedger } from './pin-ledger.js'
import { Pinner } from './pinner.js'
import { PinningApi } from './pinning-api.js'

export interface EmbeddedPeerSettings {
  /** Its blocks, identity and pins; one that was there before goes on with what it had. */
  readonly directory: string
  /** Origins of pages that may use its gateway and its pinning service; default: any, for tests. */
  readonly origins?: readonly string[]
  /** Of one pin. */
  readonly limits?: Partial<DagLimits>
  /** Requests to pin that are kept at most; default 10,000. */
  readonly mostPins?: number
  /** Bytes of all that is pinned; default 32 GiB. */
  readonly mostBytes?: number
}

/** A Helia in this process, on loopback, which knows nobody but those who dial it or that a pin's origins name on this machine. */
export interface EmbeddedPeer {
  /** Multiaddr that a browser dials. */
  readonly peer: string
  /** A trustless gateway, for blocks that are here. */
  readonly gateway: string
  /** Speaks the Pinning Service API. It takes no blocks: it fetches them from who is connected. */
  readonly pins: { readonly url: string; readonly token: string }
  close(): Promise<void>
}

const MOST_PINS = 10_000
const MOST_BYTES = 32 * 1024 ** 3

/** @throws SpiceTimeError DEVNET_FAILED while another process has the directory, or where no port could be opened */
export async function startEmbeddedPeer(settings: EmbeddedPeerSettings): Promise<EmbeddedPeer> {
  const { directory } = settings
  const letGo = holdDirectory({ directory, holder: 'ipfs-process', what: 'embedded IPFS peer' })
  let peer: HeliaPeer | undefined
  try {
    peer = await openHeliaPeer(join(directory, 'helia'))
    return await serve(peer, settings, letGo)
  } catch (error) {
    await peer?.close()
    letGo()
    throw error
  }
}

async function serve(peer: HeliaPeer, settings: EmbeddedPeerSettings, letGo: () => void): Promise<EmbeddedPeer> {
  const { origins, limits, mostPins = MOST_PINS, mostBytes = MOST_BYTES } = settings
  const token = newToken()
  const ledger = await PinLedger.open(peer.helia.datastore)
  const pinner = new Pinner({ peer, ledger, limits: { ...DAG_LIMITS, ...limits }, mostBytes })
  const api = new PinningApi({ ledger, pinner, token, delegates: [peer.address], most: mostPins, mostBytes })
  const server = await serveLoopback({
    what: 'The gateway of the embedded IPFS peer',
    ...(origins === undefined ? {} : { origins }),
    async answer(request, response) {
      const url = new URL(`http://localhost${request.url ?? '/'}`)
      const [, part] = url.pathname.split('/')
      if (part === 'pins') await api.serve(request, response, url)
      else if (part === 'ipfs') await serveBlock(request, response, { helia: peer.helia, url })
      else say(response, 404, 'There is nothing here.')
    },
  })
  pinner.start()
  return {
    ...{ peer: peer.address, gateway: server.url, pins: { url: server.url, token } },
    async close() {
      await server.close()
      await pinner.stop()
      await peer.close()
      letGo()
    },
  }
}
