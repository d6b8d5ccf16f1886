import type { AppWebsocket, CallZomeRequest, WsClient } from '@holochain/client'
import { decode } from '@msgpack/msgpack'
import type { SignedCall } from './call-key.js'
import type { ConductorLink, LinkedCell, LinkEvents } from './conductor.js'
import type { ConductorAddress, OpenCell, WantedSpace } from './endpoint.js'
import { callFailure } from './holochain-errors.js'
import { parseSignal, ZOME_NAME, zomeCalls } from './zome-calls.js'

/** Who signs calls, and who opens cells: the app's endpoint with this device's key, or a launcher. */
export interface LinkHost {
  readonly address: ConductorAddress
  sign(call: CallZomeRequest): Promise<SignedCall>
  open(wanted: WantedSpace, app: AppWebsocket): Promise<Omit<OpenCell, 'secret'> & Partial<Pick<OpenCell, 'secret'>>>
}

/** Milliseconds until a call counts as failed; whether it took effect is looked for then. */
const CALL_PATIENCE = 30_000
/** What a client that is no page calls itself; browsers say their page's origin. */
const ORIGIN = 'spicetime'

/** A connection of the runtime's own to the conductor's app interface. */
export class WebsocketLink implements ConductorLink {
  readonly conductor: string
  readonly url: string
  readonly #app: AppWebsocket
  readonly #socket: WsClient
  readonly #host: LinkHost
  #closed = false

  private constructor(app: AppWebsocket, socket: WsClient, host: LinkHost) {
    this.#app = app
    this.#socket = socket
    this.#host = host
    this.conductor = host.address.conductor
    this.url = host.address.url
  }

  /** @throws SpiceTimeError NETWORK_UNAVAILABLE, NETWORK_UNAUTHORIZED, NETWORK_VERSION_UNSUPPORTED */
  static async open(host: LinkHost, { onSignal, onClosed }: LinkEvents): Promise<WebsocketLink> {
    const { AppWebsocket: Socket, WsClient: Client } = await import('@holochain/client')
    const { url, token } = host.address
    try {
      const app = await Socket.connect({
        url: new URL(url),
        token: [...token],
        defaultTimeout: CALL_PATIENCE,
        ...(isBrowser() ? {} : { wsClientOptions: { origin: ORIGIN } }),
        callZomeTransform: {
          input: (call) => ('signature' in call ? Promise.resolve(call) : host.sign(call)),
          output: (answer) => decode(answer),
        },
      })
      app.on('signal', (signal) => {
        const parsed = signal.type === 'app' ? parseSignal(signal.value.payload) : undefined
        if (parsed !== undefined && signal.type === 'app') onSignal(new Uint8Array(signal.value.cell_id[0]), parsed)
      })
      if (!(app.client instanceof Client)) throw new Error('the client has another transport than a websocket')
      const link = new WebsocketLink(app, app.client, host)
      link.#watch(onClosed)
      return link
    } catch (error) {
      throw callFailure(error, 'connect')
    }
  }

  async cell(wanted: WantedSpace): Promise<LinkedCell> {
    let opened: Awaited<ReturnType<LinkHost['open']>>
    try {
      opened = await this.#host.open(wanted, this.#app)
    } catch (error) {
      throw callFailure(error, "open the space's cell")
    }
    const { dna, agent, secret } = opened
    const calls = zomeCalls(async (name, payload) => {
      try {
        if (this.#closed) throw new Error('the connection is closed')
        const call: CallZomeRequest = { cell_id: [dna, agent], zome_name: ZOME_NAME, fn_name: name, payload }
        return await this.#app.callZome(secret === undefined ? call : { ...call, cap_secret: secret }, CALL_PATIENCE)
      } catch (error) {
        throw callFailure(error, `do '${name}'`)
      }
    })
    return { dna, agent, calls }
  }

  async peers(): Promise<number | undefined> {
    try {
      const { transport_stats: stats } = await this.#app.dumpNetworkStats()
      return stats.connections.length
    } catch {
      // Told to people alone.
      return undefined
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    // Nobody waits for the other side's goodbye.
    this.#socket.close().catch(() => undefined)
  }

  #watch(onClosed: () => void): void {
    this.#socket.socket.addEventListener('close', () => {
      if (!this.#closed) onClosed()
      this.#closed = true
    })
  }
}

/** Browsers say their page's origin by themselves, and take what the library would hand on for a protocol. */
function isBrowser(): boolean {
  return 'location' in globalThis
}
