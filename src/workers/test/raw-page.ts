import { vi } from 'vitest'
import type { WirePort } from '../wire-port.js'

type Message = Readonly<Record<string, unknown>>

/** The bare messages of a page's port, without what a real page does about them. */
export class RawPage {
  readonly messages: Message[] = []
  readonly #port: WirePort

  constructor(port: WirePort) {
    this.#port = port
    port.addEventListener('message', (event) => this.messages.push(event.data as Message))
    port.start()
  }

  /** The host's answer to the hello. */
  get first(): Message | undefined {
    return this.messages.find(({ spicetime }) => spicetime !== undefined && spicetime !== 'pong')
  }

  /** Answers to calls. */
  get answers(): readonly Message[] {
    return this.messages.filter(({ spicetime }) => spicetime === undefined)
  }

  post(message: Message): void {
    this.#port.postMessage(message)
  }

  call(id: number, method: string, subject: readonly unknown[]): void {
    this.ask(id, { method, subject, options: {} })
  }

  ask(id: number | string, request: Message): void {
    this.post({ id: String(id), type: 'APPLY', path: [], argumentList: [{ type: 'RAW', value: request }] })
  }

  heard(wanted: (message: Message) => boolean): Promise<void> {
    const check = (): void => {
      if (!this.messages.some(wanted)) throw new Error(`not heard yet, but ${JSON.stringify(this.messages)}`)
    }
    return vi.waitFor(check, { timeout: 20_000, interval: 2 })
  }

  close(): void {
    this.#port.close()
  }
}
