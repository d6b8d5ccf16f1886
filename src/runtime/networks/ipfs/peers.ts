// The order counts: libp2p needs it while its modules are evaluated.
import './with-resolvers.js'
import { withBitswap } from '@helia/bitswap'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { BlockBroker, Helia } from 'helia'
import type { CID } from 'multiformats/cid'
import type { Platform } from '../../platform/platform.js'
import type { BlockSource } from './block-sources.js'
import { ipfsError } from './ipfs-errors.js'

export interface PeersParts {
  readonly platform: Platform
  readonly helia: Helia
  /** Multiaddrs with peer ids. */
  readonly addresses: readonly string[]
  readonly onChange: () => void
}

type Bitswap = Required<Pick<BlockBroker, 'retrieve' | 'announce'>> & { stop(): Promise<void> }
type Mixin = Parameters<Helia['addMixin']>[0]
/** What `withBitswap` extends. */
type BitswapHost = Helia & { readonly libp2p: Libp2p }

type Libp2p = Awaited<ReturnType<typeof createLibp2p>>

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 30_000
const DIAL_BOUND = 10_000

/** The peers that the settings name, over WebSockets, and bitswap with them. No others are looked for, and nobody can dial this device. */
export class Peers implements BlockSource {
  readonly name = 'the peers'
  readonly #parts: PeersParts
  readonly #libp2p: Libp2p
  readonly #bitswap: Bitswap
  readonly #pauses = new Map<string, { failures: number; cancel: () => void }>()
  /** Why each that is away is away. */
  readonly #away = new Map<string, string>()
  /** The first attempts. */
  #dialling: Promise<unknown> = Promise.resolve()
  #stopped = false

  private constructor(parts: PeersParts, libp2p: Libp2p, bitswap: Bitswap) {
    this.#parts = parts
    this.#libp2p = libp2p
    this.#bitswap = bitswap
  }

  /** A key of its own for each start: peers can't follow this device through its lives. */
  static async open(parts: PeersParts): Promise<Peers> {
    const { helia } = parts
    const libp2p = await createLibp2p({
      addresses: { listen: [] },
      transports: [webSockets()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      // Loopback is as good as any address that the app has named.
      connectionGater: { denyDialMultiaddr: () => false },
      services: { identify: identify() },
    })
    const bitswap = await bitswapOver(helia, libp2p)
    const peers = new Peers(parts, libp2p, bitswap)
    libp2p.addEventListener('peer:disconnect', () => peers.#dialAll())
    peers.#dialAll()
    return peers
  }

  /** How many of the named peers are connected. */
  get connected(): number {
    return this.#parts.addresses.filter((address) => this.#isConnected(address)).length
  }

  /** Why each that is away is away, in words. */
  get away(): readonly string[] {
    return [...this.#away].map(([address, reason]) => `${address} ${reason}`)
  }

  /** Whether a peer has said by now that it has something for us, or none of them is there. */
  async fetch(cid: CID, { signal }: { readonly signal: AbortSignal }): Promise<Uint8Array> {
    if (this.connected === 0) await this.#dialling
    if (this.connected === 0)
      throw ipfsError('NETWORK_UNAVAILABLE', `can't be reached (${this.away.join('; ') || 'they are being dialled'})`)
    const none = this.#allHaveNone(cid)
    try {
      return await Promise.race([this.#bitswap.retrieve(cid, { signal }), none.said])
    } finally {
      none.stop()
    }
  }

  /** A block came to be here: peers that want it get it. */
  announce(cid: CID): Promise<void> {
    return this.#bitswap.announce(cid)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const { cancel } of this.#pauses.values()) cancel()
    await this.#bitswap.stop()
    await this.#libp2p.stop()
  }

  #isConnected(address: string): boolean {
    const id = address.slice(address.lastIndexOf('/') + 1)
    return this.#libp2p.getConnections().some(({ remotePeer, status }) => status === 'open' && remotePeer.toString() === id)
  }

  #dialAll(): void {
    for (const address of this.#parts.addresses) if (!this.#isConnected(address)) this.#dial(address)
  }

  #dial(address: string): void {
    if (this.#stopped || this.#pauses.has(address)) return
    const pause = { failures: 0, cancel: (): void => undefined }
    this.#pauses.set(address, pause)
    // It never rejects.
    const attempt = (): Promise<void> =>
      this.#attempt(address).then((reached) => {
        if (this.#stopped) return
        if (reached) {
          this.#pauses.delete(address)
          this.#away.delete(address)
        } else {
          const whole = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(pause.failures++, 10))
          const [chance = 0] = this.#parts.platform.randomBytes(1)
          pause.cancel = this.#parts.platform.after(whole / 2 + (whole / 2) * (chance / 256), () => void attempt())
        }
        this.#parts.onChange()
      })
    this.#dialling = Promise.all([this.#dialling, attempt()])
  }

  async #attempt(address: string): Promise<boolean> {
    const bound = new AbortController()
    const cancel = this.#parts.platform.after(DIAL_BOUND, () => bound.abort())
    try {
      await this.#libp2p.dial(multiaddr(address), { signal: bound.signal })
      return true
    } catch (error) {
      this.#away.set(address, `does not answer (${error instanceof Error ? error.message : String(error)})`)
      return false
    } finally {
      cancel()
    }
  }

  /** Rejects once every connected peer has said that it has not got the block: bitswap itself would wait for one to get it. */
  #allHaveNone(cid: CID): { readonly said: Promise<never>; readonly stop: () => void } {
    const wants = eventsOfWants(this.#bitswap)
    const without = new Set<string>()
    let stop = (): void => undefined
    const said = new Promise<never>((_, reject) => {
      const listen = (event: Event): void => {
        const presence = presenceIn(event)
        if (presence === undefined || presence.has || presence.cid !== cid.toString()) return
        without.add(presence.sender)
        const asked = this.#libp2p.getConnections().map(({ remotePeer }) => remotePeer.toString())
        if (asked.every((peer) => without.has(peer))) reject(ipfsError('CONTENT_NOT_FOUND', 'have not got it'))
      }
      wants?.addEventListener('presence', listen)
      stop = () => wants?.removeEventListener('presence', listen)
    })
    said.catch(() => undefined)
    return { said, stop }
  }
}

/** What bitswap hears of peers, which its broker keeps to itself; undefined where another version has it elsewhere, and then only the deadline tells. */
function eventsOfWants(broker: Bitswap): EventTarget | undefined {
  const bitswap: unknown = Reflect.get(broker, 'bitswap')
  const wants: unknown = typeof bitswap === 'object' && bitswap !== null ? Reflect.get(bitswap, 'wantList') : undefined
  return wants instanceof EventTarget ? wants : undefined
}

function presenceIn(event: Event): { readonly cid: string; readonly sender: string; readonly has: boolean } | undefined {
  const detail: unknown = 'detail' in event ? event.detail : undefined
  if (typeof detail !== 'object' || detail === null || !('cid' in detail) || !('sender' in detail) || !('has' in detail)) return undefined
  return { cid: String(detail.cid), sender: String(detail.sender), has: detail.has === true }
}

/**
 * Bitswap over Helia's blocks, beside Helia and not among its brokers: it is asked when its turn comes, and blocks are asked of it that are here already.
 * The package gives it only as an extension of a node that starts, so it gets one that looks like it.
 */
async function bitswapOver(helia: Helia, libp2p: Libp2p): Promise<Bitswap> {
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
  if (isBitswap(broker)) return broker
  throw new TypeError('@helia/bitswap gave no broker; its version is not the one that package.json pins')
}

function isBitswap(value: unknown): value is Bitswap {
  return typeof value === 'object' && value !== null && 'retrieve' in value && 'announce' in value && 'stop' in value
}
