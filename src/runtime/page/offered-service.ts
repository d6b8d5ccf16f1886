import { parsePageAsk } from '../../workers/page-ask.js'
import type { PageAnswer } from '../../workers/page-ask.js'
import { isSpiceTimeError } from '../errors/spice-time-error.js'
import { errorToWire } from '../errors/wire.js'
import type { PageAnswerer } from '../runtime-client.js'
import type { StreamReceiver, Transport } from './transport.js'

/** Offers a service of this page to the runtime, to each one that it reaches. Returns the function that withdraws it. */
export function offerService(transport: Transport, service: string, answerer: PageAnswerer): () => void {
  const offered = new OfferedService(transport, service, answerer)
  return () => offered.withdraw()
}

class OfferedService implements StreamReceiver {
  readonly #transport: Transport
  readonly #service: string
  readonly #answerer: PageAnswerer
  readonly #running = new Map<string, AbortController>()
  #closeStream: (() => void) | undefined
  readonly #forgetConnection: () => void
  #over = false

  constructor(transport: Transport, service: string, answerer: PageAnswerer) {
    this.#transport = transport
    this.#service = service
    this.#answerer = answerer
    this.#open()
    this.#forgetConnection = transport.onConnection(({ state }) => {
      // A stream that failed, because the runtime did not start or lost its storage, is offered to the next one.
      if (state === 'connected' && this.#closeStream === undefined) this.#open()
    })
  }

  withdraw(): void {
    if (this.#over) return
    this.#over = true
    this.#forgetConnection()
    this.#closeStream?.()
    this.#callOff()
  }

  change(change: unknown): void {
    const ask = parsePageAsk(change)
    if (ask === undefined) return
    if ('calledOff' in ask) this.#running.get(ask.ask)?.abort()
    else void this.#run(ask.ask, ask.request)
  }

  /** Another life of the runtime: it does not know what the last one asked. */
  restarted(): void {
    this.#callOff()
  }

  waits(): boolean {
    return false
  }

  failed(error: unknown): void {
    this.#callOff()
    this.#closeStream = undefined
    if (isSpiceTimeError(error, 'RUNTIME_CLOSED')) this.#over = true
  }

  #open(): void {
    if (!this.#over) this.#closeStream = this.#transport.open({ kind: 'service', service: this.#service }, this)
  }

  #callOff(): void {
    for (const controller of this.#running.values()) controller.abort()
    this.#running.clear()
  }

  /** Never rejects. */
  async #run(ask: string, request: unknown): Promise<void> {
    const controller = new AbortController()
    this.#running.set(ask, controller)
    await this.#say({ ask, taken: true })
    const answer = await this.#answerOf(ask, request, controller.signal)
    const isWanted = this.#running.get(ask) === controller
    this.#running.delete(ask)
    if (!isWanted || controller.signal.aborted) return
    const unsaid = await this.#say(answer)
    // What can't be cloned can't be said; why not can.
    if (unsaid !== undefined) await this.#say({ ask, error: errorToWire(unsaid) })
  }

  async #answerOf(ask: string, request: unknown, signal: AbortSignal): Promise<PageAnswer> {
    try {
      return { ask, value: await this.#answerer(request, { signal }) }
    } catch (error) {
      return { ask, error: errorToWire(error) }
    }
  }

  /** Returns what kept it from being said: the runtime that asked may be gone. */
  async #say(answer: PageAnswer): Promise<unknown> {
    try {
      return await this.#transport.call({ method: 'answer', subject: [answer], options: undefined })
    } catch (error) {
      return error
    }
  }
}
