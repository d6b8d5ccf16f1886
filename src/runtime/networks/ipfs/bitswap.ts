// The order counts: libp2p needs it while its modules are evaluated.
import './with-resolvers.js'
import { withBitswap } from '@helia/bitswap'
import type { Helia } from 'helia'
import type { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import { blockName } from './content-id.js'
import { ipfsError } from './ipfs-errors.js'

export type Libp2p = Awaited<ReturnType<typeof createLibp2p>>
export type PeerId = ReturnType<Libp2p['getPeers']>[number]

type Mixin = Parameters<Helia['addMixin']>[0]
/** What `withBitswap` extends. */
type BitswapHost = Helia & { readonly libp2p: Libp2p }

/** What the broker keeps to itself. */
interface Inner {
  readonly wantList: EventTarget & {
    /** Sends one peer a want that it is to answer, also when it has not got the block. */
    wantSessionBlock(cid: CID, peer: PeerId, options: { readonly signal: AbortSignal }): Promise<unknown>
  }
  /** A block came to be here. */
  notify(cid: CID): Promise<void>
  stop(): Promise<void>
}

/**
 * Bitswap over Helia's blocks, beside Helia and not among its brokers: it is asked when its turn comes, and blocks are asked of it that are here already.
 * Blocks are asked of each peer by itself: Helia's own list of wants never hears the "no" of a peer that has just come, sends nothing for a want that is
 * called off and wanted again within its debounce, and then waits for as long as one lets it.
 */
export class Bitswap {
  readonly #libp2p: Libp2p
  readonly #inner: Inner

  private constructor(libp2p: Libp2p, inner: Inner) {
    this.#libp2p = libp2p
    this.#inner = inner
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
    const inner = field(broker, 'bitswap')
    if (isInner(inner)) return new Bitswap(libp2p, inner)
    throw new TypeError('@helia/bitswap is not of the version that package.json pins')
  }

  /**
   * A block of one peer's, whose bytes have its hash; undefined when it says that it has not got it.
   * @throws SpiceTimeError NETWORK_UNAVAILABLE when it goes away meanwhile or can't be asked
   */
  async ask(peer: PeerId, cid: CID, { signal }: { readonly signal: AbortSignal }): Promise<Uint8Array | undefined> {
    const ended = new AbortController()
    const { signal: over } = ended
    const name = blockName(cid)
    const { wantList } = this.#inner
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
        wantList.addEventListener('presence', hear, { signal: over })
        const gone = ({ detail }: CustomEvent<PeerId>): void => {
          if (detail.equals(peer)) reject(ipfsError('NETWORK_UNAVAILABLE', 'went away while it was asked'))
        }
        this.#libp2p.addEventListener('peer:disconnect', gone, { signal: over })
        wantList.wantSessionBlock(cid, peer, { signal: over }).catch((error: unknown) => {
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
    return this.#inner.notify(cid)
  }

  stop(): Promise<void> {
    return this.#inner.stop()
  }
}

interface Presence {
  /** As the block store has it: a peer may say another codec than it was asked for. */
  readonly name: string
  readonly sender: string
  readonly has: boolean
  readonly block: Uint8Array | undefined
}

function presenceIn(event: Event): Presence | undefined {
  const detail = field(event, 'detail')
  const cid = CID.asCID(field(detail, 'cid'))
  if (cid === null) return undefined
  const block = field(detail, 'block')
  return {
    name: blockName(cid),
    sender: String(field(detail, 'sender')),
    has: field(detail, 'has') === true,
    block: block instanceof Uint8Array ? block : undefined,
  }
}

/** Of something foreign. */
function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined
}

function isInner(value: unknown): value is Inner {
  const wants = field(value, 'wantList')
  return (
    wants instanceof EventTarget && typeof field(wants, 'wantSessionBlock') === 'function' && typeof field(value, 'notify') === 'function'
  )
}
