import type { AppWebsocket, CallZomeRequest, CallZomeRequestSigned, WsClient } from '@holochain/client'
import { decode } from '@msgpack/msgpack'
import type { CallKey } from './call-key.js'
import type { ConductorAddress, OpenCell } from './endpoint.js'
import { callFailure } from './holochain-errors.js'
import { parseSignal, ZOME_NAME, zomeCalls } from './zome-calls.js'
import type { ZomeCalls, ZomeSignal } from './zome-calls.js'

export interface LinkParts {
  readonly address: ConductorAddress
  readonly key: CallKey
  /** A signal for the cell of that DNA. */
  readonly onSignal: (dna: Uint8Array, signal: ZomeSignal) => void
  /** The connection ended by itself. */
  readonly onClosed: () => void
}

/** Milliseconds until a call counts as failed; whether it took effect is looked for then. */
const CALL_PATIENCE = 30_000
/** What a client that is no page calls itself; browsers say their page's origin. */
const ORIGIN = 'spicetime'

/** One connection to the conductor's app interface. */
export class ConductorLink {
  readonly conductor: string
  readonly url: string
  readonly #app: AppWebsocket
  readonly #socket: WsClient
  #closed = false

  private constructor(app: AppWebsocket, socket: WsClient, { address, onClosed }: LinkParts) {
    this.#app = app
    this.#socket = socket
    this.conductor = address.conductor
    this.url = address.url
    socket.socket.addEventListener('close', () => {
      if (!this.#closed) onClosed()
      this.#closed = true
    })
  }

  /** @throws SpiceTimeError NETWORK_UNAVAILABLE, NETWORK_UNAUTHORIZED, NETWORK_VERSION_UNSUPPORTED */
  static async open(parts: LinkParts): Promise<ConductorLink> {
    const { AppWebsocket: Socket, WsClient: Client } = await import('@holochain/client')
    const { address, onSignal, key } = parts
    try {
      const app = await Socket.connect({
        url: new URL(address.url),
        token: [...address.token],
        defaultTimeout: CALL_PATIENCE,
        ...(isBrowser() ? {} : { wsClientOptions: { origin: ORIGIN } }),
        callZomeTransform: { input: (call) => signed(call, key), output: (answer) => decode(answer) },
      })
      app.on('signal', (signal) => {
        const parsed = signal.type === 'app' ? parseSignal(signal.value.payload) : undefined
        if (parsed !== undefined && signal.type === 'app') onSignal(new Uint8Array(signal.value.cell_id[0]), parsed)
      })
      if (!(app.client instanceof Client)) throw new Error('the client has another transport than a websocket')
      return new ConductorLink(app, app.client, parts)
    } catch (error) {
      throw callFailure(error, 'connect')
    }
  }

  get isOpen(): boolean {
    return !this.#closed
  }

  calls(cell: OpenCell): ZomeCalls {
    return zomeCalls(async (name, payload) => {
      if (this.#closed) throw callFailure(new Error('the connection is closed'), `do '${name}'`)
      try {
        const call = { cell_id: [cell.dna, cell.agent], zome_name: ZOME_NAME, fn_name: name, payload, cap_secret: cell.secret }
        return await this.#app.callZome(call as CallZomeRequest, CALL_PATIENCE)
      } catch (error) {
        throw callFailure(error, `do '${name}'`)
      }
    })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    // Nobody waits for the other side's goodbye.
    this.#socket.close().catch(() => undefined)
  }
}

/** Browsers say their page's origin by themselves, and take what the library would hand on for a protocol. */
function isBrowser(): boolean {
  return 'location' in globalThis
}

/** The library's own way keeps keys as bytes in a table of its own; this one asks WebCrypto. */
async function signed(call: CallZomeRequest | CallZomeRequestSigned, key: CallKey): Promise<CallZomeRequestSigned> {
  if ('signature' in call) return call
  const { cell_id: cell, zome_name: zome, fn_name: name, cap_secret: secret } = call
  const payload: unknown = call.payload
  if (cell === undefined || secret === undefined || secret === null) throw new Error('a call needs a cell and its secret')
  return await key.sign({ cell: { dna: cell[0], agent: cell[1], secret }, zome, name, payload })
}
