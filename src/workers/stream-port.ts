import { errorToWire } from '../runtime/errors/wire.js'
import { parseStreamUp } from './protocol.js'
import type { StreamDown } from './protocol.js'
import type { WirePort } from './wire-port.js'

/** The worker's end of one stream: sends while the page has given credit. */
export class StreamPort {
  readonly #port: WirePort
  #credits: number
  #closed = false
  /** What came up before anyone took it. */
  #ups: unknown[] = []
  #onUp: ((data: unknown) => void) | undefined
  readonly #closing: (() => void)[] = []
  /** Called each time that credit comes back. */
  onCredit: () => void = () => undefined

  constructor(port: WirePort, credits: number) {
    this.#port = port
    this.#credits = credits
    port.addEventListener('message', (event) => this.#receive(event.data))
    port.start()
  }

  get closed(): boolean {
    return this.#closed
  }

  ready(): boolean {
    return this.#credits > 0 && !this.#closed
  }

  /** Sends one change and takes one credit; callers ask `ready()` before. */
  send(change: unknown, transfer: readonly ArrayBuffer[] = []): void {
    this.#credits -= 1
    this.#post({ change }, transfer)
  }

  /** Tells the page why no more will come, and closes. */
  fail(error: unknown): void {
    this.#post({ failed: errorToWire(error) })
    this.close()
  }

  /** Frees what feeds the stream and closes the port. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#port.close()
    for (const free of this.#closing) free()
  }

  /** Calls `free` when the stream closes; at once when it already has. */
  onClose(free: () => void): void {
    if (this.#closed) free()
    else this.#closing.push(free)
  }

  /** Takes what the page sends up, and has sent. */
  takeUp(take: (data: unknown) => void): void {
    this.#onUp = take
    for (const data of this.#ups.splice(0)) take(data)
  }

  #post(message: StreamDown, transfer: readonly ArrayBuffer[] = []): void {
    if (!this.#closed) this.#port.postMessage(message, [...transfer])
  }

  #receive(data: unknown): void {
    const message = parseStreamUp(data)
    if (message === undefined) return
    if ('close' in message) return this.close()
    if ('up' in message) return this.#onUp === undefined ? void this.#ups.push(message.up) : this.#onUp(message.up)
    this.#credits += message.credit
    this.onCredit()
  }
}
