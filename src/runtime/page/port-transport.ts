import { generationOf } from '../../workers/errors-handler.js'
import type { Answer, AnswerOf, StreamSpec } from '../../workers/protocol.js'
import type { ServiceMethod } from '../../workers/runtime-service.js'
import { asSpiceTimeError, isSpiceTimeError, SpiceTimeError } from '../errors/spice-time-error.js'
import { randomHex } from '../platform/random-hex.js'
import type { ConnectionReport } from '../runtime-client.js'
import { abortedError, closedError, uncloneableError } from './call-errors.js'
import { ConnectionState } from './connection-state.js'
import type { Inbox } from './inbox.js'
import { openLink } from './link.js'
import type { Link, LinkOptions } from './link.js'
import { Liveness } from './liveness.js'
import type { Death } from './liveness.js'
import { OpenCalls } from './open-calls.js'
import type { OpenCall } from './open-calls.js'
import { OpenStreams } from './open-streams.js'
import type { Call, StreamReceiver, Transport } from './transport.js'

/** A link that lasted for fewer milliseconds died quickly. */
const QUICK = 1000
/** Milliseconds to wait after the third quick death in a row, and at most. */
const FIRST_WAIT = 25
const LONGEST_WAIT = 5000
/** Times in a row that the host may lose its storage before the page says that it stays lost. */
const STORAGE_ENDS = 3

/**
 * Calls and streams over a port, which outlive the port: when its host dies, moves or falls silent, and when the page comes back, another is got,
 * the streams are opened again and what was not answered is sent again, each submit with the key it had.
 */
export class PortTransport implements Transport {
  readonly state: ConnectionState
  readonly #options: LinkOptions
  readonly #calls: OpenCalls
  readonly #streams = new OpenStreams()
  readonly #onAcknowledged = new Set<() => void>()
  #inbox: Inbox | undefined
  #link: Link | undefined
  #liveness: Liveness | undefined
  #closed = false
  /** Counts the tries to get a port: only the newest one's port is used. */
  #tries = 0
  #trying = false
  #linkedAt = 0
  #quickDeaths = 0
  /** Times that the host had lost its storage since it answered. */
  #storageEnds = 0
  readonly #onClosed = new Set<() => void>()

  constructor(options: LinkOptions, link: Link) {
    this.#options = { ...options, signal: undefined }
    this.#calls = new OpenCalls(randomHex(options.platform, 16))
    this.state = new ConnectionState(options.platform, link)
    this.#use(link)
  }

  get connection(): ConnectionReport {
    return this.state.report
  }

  onConnection(listener: (report: ConnectionReport) => void): () => void {
    return this.state.listen(listener)
  }

  call<M extends ServiceMethod>(call: Call<M>): Promise<AnswerOf<M>> {
    const { method, options } = call
    const signal = options?.signal
    if (this.#closed) return Promise.reject(closedError(method))
    if (signal?.aborted === true) return Promise.reject(abortedError(method, signal))
    const { number, request } = this.#calls.request(call)
    return new Promise<AnswerOf<M>>((resolve, reject) => {
      const onAbort = (): void => this.#abort(number, abortedError(method, signal))
      const settle = (): void => {
        signal?.removeEventListener('abort', onAbort)
        this.#calls.settled(number)
        if (request.options.key !== undefined) this.#inbox?.settled(request.options.key)
      }
      const opened: OpenCall = {
        request,
        sent: false,
        // The worker answers each method with that method's result.
        resolve: (value) => (settle(), resolve(value as AnswerOf<M>)),
        reject: (error) => (settle(), reject(error)),
      }
      signal?.addEventListener('abort', onAbort)
      this.#calls.add(number, opened)
      if (this.#link !== undefined) this.#send(opened, this.#link)
      else this.#renewIfIdle()
    })
  }

  open(stream: StreamSpec, receiver: StreamReceiver): () => void {
    if (this.#closed) {
      receiver.failed(closedError('watch'))
      return () => undefined
    }
    const close = this.#streams.add(stream, receiver, this.#link)
    if (this.#link === undefined) this.#renewIfIdle()
    else this.#liveness?.sent()
    return close
  }

  /** The page may be gone for good, or for a while: the worker frees its streams, and the inbox keeps what was not answered. */
  leave(): void {
    this.#inbox?.keep(this.#calls.keyed())
    this.#letGo()
  }

  /** The page stands still from now on, and its host is gone: calls wait for `renew`. */
  rest(): void {
    if (this.#closed) return
    this.#letGo()
    this.#dropLink()
    // Ends a try that is under way, and keeps calls from starting one.
    this.#tries += 1
    this.#trying = true
    this.state.recovering(recoveringError('this page was away'))
  }

  /** The page is back. */
  renew(): Promise<void> {
    return this.#renew(false, 'this page was away')
  }

  close(): Promise<void> {
    this.#closed = true
    this.#tries += 1
    this.#letGo()
    this.#dropLink()
    this.#failAll()
    this.#inbox?.close()
    for (const undo of this.#onClosed) undo()
    return Promise.resolve()
  }

  /** Where unanswered calls go when the page does. */
  useInbox(inbox: Inbox): void {
    this.#inbox = inbox
    if (this.#closed) inbox.close()
    else inbox.open()
  }

  /** Another host was heard to own the database: whether this one moved or fell silent shows now, and not with the next call. */
  suspect(): void {
    this.#liveness?.suspect()
  }

  /** What to undo when the client closes. */
  onClosed(undo: () => void): void {
    if (this.#closed) undo()
    else this.#onClosed.add(undo)
  }

  /** Calls back each time that something was stored for this page. */
  onAcknowledged(listener: () => void): () => void {
    this.#onAcknowledged.add(listener)
    return () => this.#onAcknowledged.delete(listener)
  }

  #letGo(): void {
    this.#link?.goodbye()
    this.#streams.letGo()
  }

  /** Gets a new port and takes everything up again. What can't be reached fails; whoever calls next tries again. */
  async #renew(silent: boolean, why: string): Promise<void> {
    if (this.#closed) return
    this.#letGo()
    this.#dropLink()
    const current = ++this.#tries
    this.#trying = true
    // Last, because whoever hears of it may call.
    this.state.recovering(recoveringError(why))
    try {
      await this.#breathe()
      const link = await openLink(this.#options, silent)
      if (current === this.#tries) this.#resume(link)
      else link.close()
    } catch (error) {
      if (current === this.#tries) this.#giveUp(asSpiceTimeError(error))
    } finally {
      if (current === this.#tries) this.#trying = false
    }
  }

  /** Hosts that die as soon as they were reached are not reached ever faster. */
  #breathe(): Promise<void> {
    const { platform } = this.#options
    const now = platform.monotonic()
    this.#quickDeaths = now - this.#linkedAt < QUICK ? this.#quickDeaths + 1 : 0
    if (this.#quickDeaths < 2) return Promise.resolve()
    const wait = Math.min(FIRST_WAIT * 2 ** this.#quickDeaths, LONGEST_WAIT)
    return new Promise((resolve) => platform.after(wait, resolve))
  }

  #died(how: Death): void {
    if (how === 'silent') this.#options.patience.lost()
    // `#renew` reports its own failure to every call and stream.
    void this.#renew(how === 'silent', WHY[how])
  }

  #dropLink(): void {
    this.#liveness?.end()
    this.#link?.close()
    this.#link = undefined
  }

  #use(link: Link): void {
    const { locks, patience, platform } = this.#options
    this.#linkedAt = platform.monotonic()
    this.#link = link
    this.#liveness = new Liveness({
      link,
      locks,
      patience,
      platform,
      waits: () => this.#calls.size > 0 || this.#streams.waits,
      watches: () => this.#streams.size > 0,
      onDeath: (how) => this.#died(how),
    })
  }

  #resume(link: Link): void {
    this.#use(link)
    this.#streams.resume(link)
    for (const call of this.#calls.all()) this.#send(call, link)
    this.#liveness?.sent()
    // Last, so that what a listener calls comes after what waited.
    this.state.connected(link)
  }

  #renewIfIdle(): void {
    // `#renew` reports its failure to every call and stream that waits.
    if (!this.#trying) void this.#renew(false, 'the runtime was not reached before')
  }

  #send(call: OpenCall, link: Link): void {
    const { request } = call
    const keyed = request.options.key !== undefined
    const again = call.sent && keyed
    call.sent = true
    link.send(again ? { ...request, options: { ...request.options, again } } : request).then(
      (answer: Answer) => {
        this.#storageEnds = 0
        this.state.learn({ generation: answer.generation })
        call.resolve(answer.value)
        if (keyed) for (const listener of this.#onAcknowledged) listener()
      },
      (error: unknown) => call.reject(this.#failure(call, error)),
    )
    this.#liveness?.sent()
  }

  #failure({ request }: OpenCall, error: unknown): unknown {
    const generation = error instanceof Error ? generationOf(error) : undefined
    if (generation !== undefined) this.state.learn({ generation })
    if (isSpiceTimeError(error, 'STORAGE_CLOSED') && !this.#trying) this.#storageEnded(error)
    if (!(error instanceof DOMException && error.name === 'DataCloneError')) return error
    return uncloneableError(request.method, error)
  }

  /** The host lost its database: it opens another when a page says hello. */
  #storageEnded(error: SpiceTimeError): void {
    this.#storageEnds += 1
    if (this.#storageEnds < STORAGE_ENDS) void this.#renew(false, 'the browser closed its storage')
    else this.#giveUp(error)
  }

  #abort(number: number, error: SpiceTimeError): void {
    const call = this.#calls.get(number)
    call?.reject(error)
    // Nobody waits for the answer; the worker's own failure to cancel changes nothing here.
    if (call?.request.call !== undefined) this.#link?.send({ method: 'cancel', call: number }).catch(() => undefined)
  }

  #giveUp(error: SpiceTimeError): void {
    this.#dropLink()
    this.state.failed(error)
    this.#failAll(error)
  }

  #failAll(error?: SpiceTimeError): void {
    for (const call of this.#calls.all()) call.reject(error ?? closedError(call.request.method))
    this.#streams.failAll(error ?? closedError('watch'))
  }
}

const WHY: { readonly [D in Death]: string } = {
  dead: 'the browser ended the worker that ran it',
  moved: 'it moved to another tab or worker',
  silent: 'the worker that ran it does not answer',
}

function recoveringError(why: string): SpiceTimeError {
  return new SpiceTimeError('CONNECTION_RECOVERING', `The runtime is being reached again: ${why}. There is nothing to do; calls wait.`)
}
