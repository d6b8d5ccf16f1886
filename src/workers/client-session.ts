import type { Diagnostics } from '../runtime/diagnostics/diagnostics.js'
import { asSpiceTimeError, SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import type { StateAnswer } from '../runtime/model/state-change.js'
import type { Platform } from '../runtime/platform/platform.js'
import { ComlinkServer } from './comlink-server.js'
import type { Reply } from './comlink-server.js'
import { isGoodbye, KEYED_METHODS, parseRequest } from './protocol.js'
import type { Answer, CallRequest, Moved, OpenRequest, StreamSpec } from './protocol.js'
import type { RuntimeService } from './runtime-service.js'
import { StreamPort } from './stream-port.js'
import { buffersOf, streamDiagnostics, streamNetworks, streamState } from './streams.js'
import type { ServiceCalls } from './service-calls.js'
import { markGeneration } from './thrown.js'
import type { WirePort } from './wire-port.js'

/** Milliseconds in which messages of a page that is gone still arrive: its lock and its port don't wait for each other. */
const DRAIN = 5000

/** What a session needs of the worker it lives in. */
export interface SessionHost {
  readonly generation: string
  readonly diagnostics: Diagnostics
  readonly platform: Platform
  readonly calls: ServiceCalls
  /** For streams whose port could not be sent. */
  acceptChannel(name: string): WirePort
  /** @throws SpiceTimeError what the start failed with */
  service(): Promise<RuntimeService>
}

/** One page's port after its hello: answers its calls, feeds its streams, and frees both when the page is gone. */
export class ClientSession {
  readonly #host: SessionHost
  readonly #port: WirePort
  readonly #streams = new Map<StreamPort, StreamSpec['kind']>()
  readonly #waits = new Map<number, AbortController>()
  readonly #onGone: () => void
  #gone = false
  #moved = false

  constructor(host: SessionHost, port: WirePort, onGone: () => void) {
    this.#host = host
    this.#port = port
    this.#onGone = onGone
    const server = new ComlinkServer(port, (request) => this.#answer(request))
    port.addEventListener('message', ({ data }) => {
      if (isGoodbye(data)) this.#freeStreams()
      else server.take(data)
    })
  }

  /** What is still open for this page, for tests and reports. */
  get openStreams(): number {
    return this.#streams.size
  }

  /** Ends the streams that a runtime fed which is no more. */
  failStreams(error: SpiceTimeError): void {
    for (const [stream, kind] of [...this.#streams]) if (kind !== 'diagnostics') stream.fail(error)
  }

  /** Frees everything that the page had open. What it submitted before it went may still be on its way, and is taken. */
  free(): void {
    if (this.#gone) return
    this.#gone = true
    this.#freeStreams()
    for (const wait of this.#waits.values()) wait.abort()
    this.#host.platform.after(DRAIN, () => this.#port.close())
    this.#onGone()
  }

  /** The runtime is elsewhere now. The page says hello there, opens its streams again and sends again what is not answered here. */
  move(): void {
    this.#moved = true
    const moved: Moved = { spicetime: 'moved' }
    this.#port.postMessage(moved)
    this.free()
  }

  #freeStreams(): void {
    for (const stream of [...this.#streams.keys()]) stream.close()
  }

  async #answer(data: unknown): Promise<Reply> {
    if (this.#moved) return never()
    try {
      const request = parseRequest(data)
      if (this.#gone && !KEYED_METHODS.some((keyed) => keyed === request.method)) throw gone()
      if (request.method === 'open') return this.#wrap(this.#open(request))
      if (request.method === 'cancel') return this.#wrap(this.#waits.get(request.call)?.abort())
      return await this.#call(request)
    } catch (error) {
      // Its runtime was closed under it; the next one answers.
      if (this.#moved) return await never()
      throw this.#marked(error)
    }
  }

  async #call(request: CallRequest): Promise<Reply> {
    const wait = request.call === undefined ? undefined : new AbortController()
    if (wait !== undefined && request.call !== undefined) this.#waits.set(request.call, wait)
    try {
      const value = await this.#host.calls.run(request, wait?.signal)
      return request.method === 'getState' ? this.#wrapState(value as StateAnswer) : this.#wrap(value)
    } finally {
      if (request.call !== undefined) this.#waits.delete(request.call)
    }
  }

  #open({ stream, port, credits }: OpenRequest): void {
    const opened = new StreamPort(typeof port === 'string' ? this.#host.acceptChannel(port) : port, credits)
    this.#streams.set(opened, stream.kind)
    opened.onClose(() => this.#streams.delete(opened))
    if (stream.kind === 'diagnostics') return streamDiagnostics(this.#host.diagnostics, this.#host.platform, opened)
    const feed = async (service: RuntimeService): Promise<void> => {
      if (stream.kind === 'state') await streamState(service, stream, opened)
      else if (stream.kind === 'networks') streamNetworks(service, opened)
      else if (stream.kind === 'file') await (await import('./file-streams.js')).streamFile(service, stream, opened)
      else if (stream.kind === 'put') await (await import('./file-streams.js')).streamPut(service, stream, opened)
      else opened.onClose(await service.offer(stream.service, { ready: () => opened.ready(), deliver: (ask) => opened.send(ask) }))
    }
    this.#host
      .service()
      .then(feed)
      .catch((error: unknown) => opened.fail(asSpiceTimeError(error)))
  }

  #wrap(value: unknown): Reply {
    const answer: Answer = { generation: this.#host.generation, value }
    return { value: answer }
  }

  #wrapState(value: StateAnswer): Reply {
    const reply = this.#wrap(value)
    return value.kind === 'snapshot' ? { ...reply, transfer: buffersOf(value.documents) } : reply
  }

  #marked(error: unknown): SpiceTimeError {
    const marked = asSpiceTimeError(error)
    markGeneration(marked, this.#host.generation)
    return marked
  }
}

/** A promise that stays open: an answer would end the page's call. */
function never(): Promise<never> {
  return new Promise(() => undefined)
}

function gone(): SpiceTimeError {
  return new SpiceTimeError('RUNTIME_CLOSED', 'The page that asked is gone.')
}
