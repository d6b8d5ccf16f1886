import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import type { Switches } from '../switches.js'
import { dispatch } from './dispatch.js'
import type { Subscriptions } from './subscriptions.js'

export interface WebsocketServerOptions {
  readonly subscriptions: () => Subscriptions
  readonly switches: () => Switches
}

/** The pub-sub half of a validator: subscriptions over websockets, and no other call. */
export class PubSubServer {
  readonly #server = new WebSocketServer({ noServer: true })
  readonly #options: WebsocketServerOptions

  constructor(options: WebsocketServerOptions) {
    this.#options = options
  }

  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const { websocket, down } = this.#options.switches()
    if (down || websocket === 'refused') return void socket.destroy()
    this.#server.handleUpgrade(request, socket, head, (opened) => this.#serve(opened))
  }

  /** Ends every connection without a word, as a crash does. */
  cut(): void {
    for (const open of this.#server.clients) open.terminate()
  }

  #serve(opened: WebSocket): void {
    const subscriptions = this.#options.subscriptions()
    const send = (text: string): void => {
      if (this.#options.switches().websocket === 'normal') opened.send(text)
    }
    const listener = { send }
    opened.on('message', (data) => {
      const text = Buffer.isBuffer(data) ? data.toString('utf8') : ''
      const answer = dispatch(text, (method, params) => subscriptions.answer(listener, method, params))
      if (answer !== undefined) send(answer)
    })
    opened.on('close', () => subscriptions.leave(listener))
    // A page that vanishes is no failure of ours; `close` follows.
    opened.on('error', () => opened.terminate())
  }
}
