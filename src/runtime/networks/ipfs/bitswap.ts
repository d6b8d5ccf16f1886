// The order counts: libp2p needs it while its modules are evaluated.
import './with-resolvers.js'
import { withBitswap } from '@helia/bitswap'
import type { BlockBroker, Helia } from 'helia'
import type { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import { blockName } from './content-id.js'
import { ipfsError } from './ipfs-errors.js'

export type Libp2p = Awaited<ReturnType<typeof createLibp2p>>
export type PeerId = ReturnType<Libp2p['getPeers']>[number]

type Broker = Required<Pick<BlockBroker, 'announce'>> & { stop(): Promise<void> }
type Mixin = Parameters<Helia['addMixin']>[0]
/** What `withBitswap` extends. */
type BitswapHost = Helia & { readonly libp2p: Libp2p }

/** What the broker has of its peers, and keeps to itself. */
interface Wants extends EventTarget {
  /** Sends one peer a want that it is to answer, also when it has not got the block. */
  wantSessionBlock(cid: CID, peer: PeerId, options: { readonly signal: AbortSignal }): Promise<unknown>
}

/**
 * Bitswap over Helia's blocks, beside Helia and not among its brokers: it is asked when its turn comes, and blocks are asked of it that are here already.
 * Blocks are asked of each peer by itself: Helia's own list of wants never hears the "no" of a peer that has just come, sends nothing for a want that is
 * called off and wanted again within its debounce, and then waits for as long as one lets it.
 */
export class Bitswap {
  readonly #libp2p: Libp2p
  readonly #broker: Broker
  readonly #wants: Wants

  private constructor(libp2p: Libp2p, broker: Broker, wants: Wants) {
    this.#libp2p = libp2p
    this.#broker = broker
    this.#wants = wants
  }

  /** The package gives it only as an extension of a node that starts, so it gets one that looks like it. */
  static async open(helia: Helia, libp2p: Libp2p): Promise<Bitswap> {
    let mixin: Mixin | undefined
    let broker: unknown
    // Its own fields: bitswap copies them on.
    const host = {
      ...helia,
      libp2p,
      status: 'starting' as const,
      addMixin: (added: Mixin) => (mixin = added),
      hasBlockBroker: () => false,
      addBlockBroker: (added: unknown) => (broker = added),
    } as unknown as BitswapHost
    withBitswap(host)
    await mixin?.start?.(host)
    const wants = wantsOf(broker)
    if (isBroker(broker) && wants !== undefined) return new Bitswap(libp2p, broker, wants)
    throw new TypeError('@helia/bitswap is another one than expected; its version is not the one that package.json pins')
  }

  /**
   * A block of one peer's, whose bytes have its hash; undefined when it says that it has not got it.
   * @throws SpiceTimeError NETWORK_UNAVAILABLE when it goes away meanwhile or can't be asked
   */
  async ask(peer: PeerId, cid: CID, { signal }: { readonly signal: AbortSignal }): Promise<Uint8Array | undefined> {
    const ended = new AbortController()
    const { signal: over } = ended
    const name = blockName(cid)
    try {
      return await new Promise<Uint8Array | undefined>((resolve, reject) => {
        const abort = (): void => reject(new Error('called off'))
        signal.addEventListener('abort', abort, { signal: over })
        if (signal.aborted) abort()
        const hear = (event: Event): void => {
          const answer = presenceIn(event)
          if (answer === undefined || answer.name !== name || answer.sender !== peer.toString()) return
          if (!answer.has) resolve(undefined)
          // One that only says that it has it may send it yet.
          else if (answer.block !== undefined) resolve(answer.block)
        }
        // Heard before it is asked: an answer may come while the question is still being sent.
        this.#wants.addEventListener('presence', hear, { signal: over })
        const gone = ({ detail }: CustomEvent<PeerId>): void => {
          if (detail.equals(peer)) reject(ipfsError('NETWORK_UNAVAILABLE', 'went away while it was asked'))
        }
        this.#libp2p.addEventListener('peer:disconnect', gone, { signal: over })
        this.#wants.wantSessionBlock(cid, peer, { signal: over }).catch((error: unknown) => {
          if (!over.aborted)
            reject(ipfsError('NETWORK_UNAVAILABLE', `can't be asked (${error instanceof Error ? error.message : String(error)})`))
        })
      })
    } finally {
      ended.abort()
    }
  }

  /** A block came to be here: peers that want it get it. */
  announce(cid: CID): Promise<void> {
    return this.#broker.announce(cid)
  }

  stop(): Promise<void> {
    return this.#broker.stop()
  }
}

interface Presence {
  /** As the block store has it: a peer may say another codec than it was asked for. */
  readonly name: string
  readonly sender: string
  readonly has: boolean
  readonly block?: Uint8Array
}

function presenceIn(event: Event): Presence | undefined {
  const detail: unknown = 'detail' in event ? event.detail : undefined
  if (typeof detail !== 'object' || detail === null || !('cid' in detail) || !('sender' in detail) || !('has' in detail)) return undefined
  const cid = CID.asCID(detail.cid)
  if (cid === null) return undefined
  const block = 'block' in detail && detail.block instanceof Uint8Array ? { block: detail.block } : {}
  return { name: blockName(cid), sender: String(detail.sender), has: detail.has === true, ...block }
}

function isBroker(value: unknown): value is Broker {
  return typeof value === 'object' && value !== null && 'announce' in value && 'stop' in value
}

function wantsOf(broker: unknown): Wants | undefined {
  const bitswap: unknown = typeof broker === 'object' && broker !== null ? Reflect.get(broker, 'bitswap') : undefined
  const wants: unknown = typeof bitswap === 'object' && bitswap !== null ? Reflect.get(bitswap, 'wantList') : undefined
  return isWants(wants) ? wants : undefined
}

function isWants(value: unknown): value is Wants {
  return value instanceof EventTarget && 'wantSessionBlock' in value && typeof value.wantSessionBlock === 'function'
}
