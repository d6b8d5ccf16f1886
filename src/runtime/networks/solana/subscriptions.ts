import type { Platform } from '../../platform/platform.js'

/** As much of a WebSocket as is used. */
type Socket = Pick<WebSocket, 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose' | 'onerror'>
export type OpenSocket = (url: string) => Socket

export interface SubscriptionParts {
  readonly url: string
  readonly platform: Platform
  /** Absent where the platform has no WebSocket: then polling alone brings what is new. */
  readonly open: OpenSocket | undefined
  /** Something happened at one of the addresses. */
  readonly onHint: () => void
}

const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 60_000
/** Proxies end connections that are silent for a minute, and a dead one does not always say so. */
const PING = 25_000
const LONGEST_MESSAGE = 65_536

/**
 * Listens for transactions that name the addresses: https://solana.com/docs/rpc/websocket/logssubscribe. What it hears is a hint to look, and
 * never the news itself, so a socket that is dead, deaf or lying costs time and nothing else.
 */
export class Subscriptions {
  readonly #parts: SubscriptionParts
  #addresses: readonly string[] = []
  #subscribed = new Set<string>()
  #socket: Socket | undefined
  #isOpen = false
  #failures = 0
  #count = 0
  #stopped = false
  #cancelPause: (() => void) | undefined
  #cancelPing: (() => void) | undefined
  #answered = true

  constructor(parts: SubscriptionParts) {
    this.#parts = parts
  }

  get state(): 'listening' | 'not available here' | 'not needed' | 'trying to connect' {
    if (this.#parts.open === undefined) return 'not available here'
    if (this.#addresses.length === 0) return 'not needed'
    return this.#isOpen ? 'listening' : 'trying to connect'
  }

  /** Listens at these addresses from now on. */
  watch(addresses: readonly string[]): void {
    this.#addresses = addresses
    if (this.#isOpen) this.#subscribe()
    else if (addresses.length > 0) this.#connect()
  }

  stop(): void {
    this.#stopped = true
    this.#cancelPause?.()
    this.#drop()
  }

  #connect(): void {
    const { open, url } = this.#parts
    if (open === undefined || this.#stopped || this.#socket !== undefined || this.#cancelPause !== undefined) return
    try {
      this.#socket = open(url)
    } catch {
      // An address that no socket takes: the settings were checked, so the platform forbids it; it is tried again, ever later.
      return this.#lost()
    }
    const socket = this.#socket
    socket.onopen = () => this.#opened(socket)
    socket.onmessage = ({ data }: { readonly data: unknown }) => this.#heard(socket, data)
    socket.onclose = () => this.#ended(socket)
    socket.onerror = () => this.#ended(socket)
  }

  #opened(socket: Socket): void {
    if (socket !== this.#socket) return
    this.#isOpen = true
    this.#subscribed = new Set()
    this.#subscribe()
    this.#keepAlive()
    // What happened while nobody listened.
    this.#parts.onHint()
  }

  #subscribe(): void {
    for (const address of this.#addresses) {
      if (this.#subscribed.has(address)) continue
      this.#subscribed.add(address)
      this.#ask('logsSubscribe', [{ mentions: [address] }, { commitment: 'confirmed' }])
    }
  }

  #ask(method: string, params: readonly unknown[]): void {
    this.#socket?.send(JSON.stringify({ jsonrpc: '2.0', id: ++this.#count, method, params }))
  }

  #heard(socket: Socket, data: unknown): void {
    if (socket !== this.#socket) return
    this.#answered = true
    this.#failures = 0
    if (typeof data === 'string' && data.length <= LONGEST_MESSAGE && data.includes('"logsNotification"')) this.#parts.onHint()
  }

  /** Asks for something small; who does not answer until the next time is gone. */
  #keepAlive(): void {
    this.#cancelPing = this.#parts.platform.after(PING, () => {
      if (!this.#answered) return this.#lost()
      this.#answered = false
      this.#ask('getVersion', [])
      this.#keepAlive()
    })
  }

  #ended(socket: Socket): void {
    if (socket === this.#socket) this.#lost()
  }

  #lost(): void {
    this.#drop()
    if (this.#stopped || this.#addresses.length === 0) return
    const { platform } = this.#parts
    const [chance = 0] = platform.randomBytes(1)
    const whole = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(this.#failures++, 10))
    this.#cancelPause = platform.after(whole / 2 + (whole / 2) * (chance / 256), () => {
      this.#cancelPause = undefined
      this.#connect()
    })
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#isOpen = false
    this.#answered = true
    this.#cancelPing?.()
    socket?.close()
  }
}
