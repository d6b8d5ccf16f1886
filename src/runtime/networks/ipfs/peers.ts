// The order counts: libp2p needs it while its modules are evaluated.
import './with-resolvers.js'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { Helia } from 'helia'
import type { CID } from 'multiformats/cid'
import type { Platform } from '../../platform/platform.js'
import { Bitswap } from './bitswap.js'
import type { Libp2p, PeerId } from './bitswap.js'
import { firstOf } from './block-sources.js'
import type { BlockSource } from './block-sources.js'
import { ipfsError } from './ipfs-errors.js'

export interface PeersParts {
  readonly platform: Platform
  readonly helia: Helia
  /** Multiaddrs with peer ids. */
  readonly addresses: readonly string[]
  readonly onChange: () => void
}

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 30_000
const DIAL_BOUND = 10_000
/** Of a stream that nobody listens to yet: Helia answers several wants in one, and by its own bound of 4 MiB libp2p would drop 16 leaves without a word. */
const MOST_UNREAD_BYTES = 64 * 1024 * 1024

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
      streamMuxers: [yamux({ streamOptions: { maxReadBufferLength: MOST_UNREAD_BYTES } })],
      // Loopback is as good as any address that the app has named.
      connectionGater: { denyDialMultiaddr: () => false },
      services: { identify: identify() },
    })
    const bitswap = await Bitswap.open(helia, libp2p)
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

  /**
   * Asks all that are connected, and ends when one gave it, or all have answered.
   * @throws SpiceTimeError CONTENT_NOT_FOUND when all are there and none has it, NETWORK_UNAVAILABLE when one that may have it is away or could not be asked
   */
  async fetch(cid: CID, { signal }: { readonly signal: AbortSignal }): Promise<Uint8Array> {
    if (this.connected === 0) await this.#dialling
    const peers: PeerId[] = []
    const others: string[] = []
    for (const address of this.#parts.addresses) {
      const peer = this.#peerAt(address)
      if (peer === undefined) others.push(`${address} ${this.#away.get(address) ?? 'is being dialled'}`)
      else peers.push(peer)
    }
    const ended = new AbortController()
    const either = { signal: AbortSignal.any([signal, ended.signal]) }
    const asked = peers.map((peer) =>
      this.#bitswap.ask(peer, cid, either).catch((error: unknown) => {
        others.push(`${peer.toString()} ${error instanceof Error ? error.message : String(error)}`)
        return undefined
      }),
    )
    const block = peers.length === 0 ? undefined : await firstOf(asked)
    ended.abort()
    if (block !== undefined) return block
    if (others.length === 0) throw ipfsError('CONTENT_NOT_FOUND', 'have not got it')
    throw ipfsError(
      'NETWORK_UNAVAILABLE',
      `${peers.length === 0 ? "can't be reached" : 'that answered have not got it'} (${others.join('; ')})`,
    )
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
    return this.#peerAt(address) !== undefined
  }

  #peerAt(address: string): PeerId | undefined {
    const id = address.slice(address.lastIndexOf('/') + 1)
    return this.#libp2p.getConnections().find(({ remotePeer, status }) => status === 'open' && remotePeer.toString() === id)?.remotePeer
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
      this.#attempt(address).then(() => {
        if (this.#stopped) return
        // It may be gone again by now, and what told of that found it being dialled.
        if (this.#isConnected(address)) {
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

  async #attempt(address: string): Promise<void> {
    const bound = new AbortController()
    const cancel = this.#parts.platform.after(DIAL_BOUND, () => bound.abort())
    try {
      await this.#libp2p.dial(multiaddr(address), { signal: bound.signal })
      this.#away.set(address, 'ended the connection at once')
    } catch (error) {
      this.#away.set(address, `does not answer (${error instanceof Error ? error.message : String(error)})`)
    } finally {
      cancel()
    }
  }
}
