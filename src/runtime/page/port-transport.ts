import { generationOf } from '../../workers/errors-handler.js'
import { KEYED_METHODS } from '../../workers/protocol.js'
import type { Answer, AnswerOf, CallRequest, StreamSpec } from '../../workers/protocol.js'
import type { ServiceMethod } from '../../workers/runtime-service.js'
import { asSpiceTimeError } from '../errors/spice-time-error.js'
import type { SpiceTimeError } from '../errors/spice-time-error.js'
import { randomHex } from '../platform/random-hex.js'
import type { ConnectionReport } from '../runtime-client.js'
import { abortedError, closedError, uncloneableError } from './call-errors.js'
import { openLink } from './link.js'
import type { Link, LinkOptions } from './link.js'
import type { Call, StreamReceiver, Transport } from './transport.js'

/** A call that was not answered yet; sent again when the page gets a new port. */
interface OpenCall {
  readonly request: CallRequest
  /** An earlier port may have carried it. */
  sent: boolean
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

interface OpenStream {
  readonly stream: StreamSpec
  readonly receiver: StreamReceiver
  close: () => void
}

/**
 * Calls and streams over a port, which outlive the port: `renew` gets another, opens the streams again and sends again what was not
 * answered, each submit with the key it had.
 */
export class PortTransport implements Transport {
  readonly #options: LinkOptions
  readonly #keyPrefix: string
  readonly #calls = new Map<number, OpenCall>()
  readonly #streams = new Set<OpenStream>()
  #link: Link | undefined
  #generation: string
  #count = 0
  readonly #since: number
  #closed = false
  /** Counts the tries to get a port: only the newest one's port is used. */
  #tries = 0
  #trying = false
  #onClosed: () => void = () => undefined

  constructor(options: LinkOptions, link: Link) {
    this.#options = { ...options, signal: undefined }
    this.#link = link
    this.#generation = link.generation
    this.#since = options.platform.now()
    this.#keyPrefix = randomHex(options.platform, 16)
  }

  get connection(): ConnectionReport {
    return { state: 'connected', kind: this.#options.host.kind, generation: this.#generation, since: this.#since }
  }

  onConnection(listener: (report: ConnectionReport) => void): () => void {
    listener(this.connection)
    return () => undefined
  }

  call<M extends ServiceMethod>({ method, subject, options }: Call<M>): Promise<AnswerOf<M>> {
    if (this.#closed) return Promise.reject(closedError(method))
    const { signal, ...plain } = options ?? {}
    if (signal?.aborted === true) return Promise.reject(abortedError(method, signal))
    const number = ++this.#count
    const keyed = KEYED_METHODS.includes(method)
    const request: CallRequest = {
      method,
      subject,
      options: keyed ? { ...plain, key: `${this.#keyPrefix}-${number}` } : plain,
      ...(signal === undefined || keyed ? {} : { call: number }),
    }
    return new Promise<AnswerOf<M>>((resolve, reject) => {
      const onAbort = (): void => this.#abort(number, abortedError(method, signal))
      const settle = (): void => {
        signal?.removeEventListener('abort', onAbort)
        this.#calls.delete(number)
      }
      const call: OpenCall = {
        request,
        sent: false,
        // The worker answers each method with that method's result.
        resolve: (value) => (settle(), resolve(value as AnswerOf<M>)),
        reject: (error) => (settle(), reject(error)),
      }
      signal?.addEventListener('abort', onAbort)
      this.#calls.set(number, call)
      if (this.#link !== undefined) this.#send(call, this.#link)
      else this.#renewIfIdle()
    })
  }

  open(stream: StreamSpec, receiver: StreamReceiver): () => void {
    if (this.#closed) {
      receiver.failed(closedError('watch'))
      return () => undefined
    }
    const opened: OpenStream = { stream, receiver, close: () => undefined }
    this.#streams.add(opened)
    if (this.#link !== undefined) this.#openStream(opened, this.#link)
    else this.#renewIfIdle()
    return () => {
      this.#streams.delete(opened)
      opened.close()
    }
  }

  /** The page may be gone for good, or for a while: the worker frees its streams. Calls still get through. */
  leave(): void {
    this.#link?.goodbye()
    for (const opened of this.#streams) opened.close()
  }

  /** Gets a new port and takes everything up again. What can't be reached fails; whoever calls next tries again. */
  async renew(): Promise<void> {
    if (this.#closed) return
    this.leave()
    this.#dropLink()
    const current = ++this.#tries
    this.#trying = true
    try {
      const link = await openLink(this.#options)
      if (current === this.#tries) this.#resume(link)
      else link.close()
    } catch (error) {
      if (current === this.#tries) this.#failAll(asSpiceTimeError(error))
    } finally {
      if (current === this.#tries) this.#trying = false
    }
  }

  close(): Promise<void> {
    this.#closed = true
    this.#tries += 1
    this.leave()
    this.#dropLink()
    this.#failAll()
    this.#onClosed()
    return Promise.resolve()
  }

  /** What to undo when the client closes. */
  onClosed(undo: () => void): void {
    this.#onClosed = undo
  }

  #dropLink(): void {
    this.#link?.close()
    this.#link = undefined
  }

  #resume(link: Link): void {
    this.#link = link
    this.#generation = link.generation
    for (const opened of this.#streams) {
      opened.receiver.restarted()
      this.#openStream(opened, link)
    }
    for (const call of this.#calls.values()) this.#send(call, link)
  }

  #renewIfIdle(): void {
    // `renew` reports its failure to every call and stream that waits.
    if (!this.#trying) void this.renew()
  }

  #send(call: OpenCall, link: Link): void {
    const { request } = call
    const again = call.sent && request.options.key !== undefined
    call.sent = true
    link.send(again ? { ...request, options: { ...request.options, again } } : request).then(
      (answer: Answer) => {
        this.#generation = answer.generation
        call.resolve(answer.value)
      },
      (error: unknown) => call.reject(this.#failure(call, error)),
    )
  }

  #failure({ request }: OpenCall, error: unknown): unknown {
    if (error instanceof Error) this.#generation = generationOf(error) ?? this.#generation
    if (!(error instanceof DOMException && error.name === 'DataCloneError')) return error
    return uncloneableError(request.method, error)
  }

  #openStream(opened: OpenStream, link: Link): void {
    const { receiver } = opened
    opened.close = link.open(opened.stream, {
      change: (change) => receiver.change(change),
      failed: (error) => {
        this.#streams.delete(opened)
        receiver.failed(error)
      },
    })
  }

  #abort(number: number, error: SpiceTimeError): void {
    const call = this.#calls.get(number)
    if (call === undefined) return
    call.reject(error)
    if (call.request.call === undefined || this.#link === undefined) return
    // Nobody waits for the answer; the worker's own failure to cancel changes nothing here.
    this.#link.send({ method: 'cancel', call: number }).catch(() => undefined)
  }

  #failAll(error?: SpiceTimeError): void {
    for (const call of [...this.#calls.values()]) call.reject(error ?? closedError(call.request.method))
    for (const { receiver } of [...this.#streams]) receiver.failed(error ?? closedError('watch'))
    this.#streams.clear()
  }
}
