import type { AnswerOf, StreamSpec } from '../workers/protocol.js'
import type { RuntimeService, ServiceMethod } from '../workers/runtime-service.js'
import type { DiagnosticEntry, Diagnostics } from './diagnostics/diagnostics.js'
import { asSpiceTimeError } from './errors/spice-time-error.js'
import type { SpiceTimeError } from './errors/spice-time-error.js'
import { abortedError, closedError, uncloneableError } from './page/call-errors.js'
import { createClient } from './page/client.js'
import type { Call, StreamReceiver, Transport } from './page/transport.js'
import type { ConnectionReport, RuntimeClient } from './runtime-client.js'

export interface LocalClientOptions {
  readonly runtime: RuntimeService
  readonly diagnostics: Diagnostics
  /** Identifies this life of the runtime. */
  readonly generation: string
  /** Milliseconds since 1970. */
  readonly since: number
  /** Whether closing this client also closes the runtime; default true. */
  readonly ownsRuntime?: boolean
}

/** A client of a runtime in the same process: for Node and for tests. */
export function createLocalClient(options: LocalClientOptions): RuntimeClient {
  return createClient(new LocalTransport(options))
}

class LocalTransport implements Transport {
  readonly connection: ConnectionReport
  readonly #options: LocalClientOptions
  readonly #waiting = new Set<(error: SpiceTimeError) => void>()
  #closed = false

  constructor(options: LocalClientOptions) {
    this.#options = options
    this.connection = { state: 'connected', kind: 'process', generation: options.generation, since: options.since }
  }

  /** A runtime in this process is connected until it is closed. */
  onConnection(listener: (report: ConnectionReport) => void): () => void {
    listener(this.connection)
    return () => undefined
  }

  async call<M extends ServiceMethod>({ method, subject, options }: Call<M>): Promise<AnswerOf<M>> {
    const { signal, ...plain } = options ?? {}
    if (this.#closed) throw closedError(method)
    if (signal?.aborted === true) throw abortedError(method, signal)
    const { runtime } = this.#options
    const values = [...copyOf(method, subject), signal === undefined ? plain : { ...plain, signal }]
    const call = runtime[method] as (...values: readonly unknown[]) => Promise<AnswerOf<M>>
    return await this.#untilClosed(method, signal, call.apply(runtime, values))
  }

  open(stream: StreamSpec, receiver: StreamReceiver): () => void {
    if (this.#closed) {
      receiver.failed(closedError('watch'))
      return () => undefined
    }
    if (stream.kind === 'state') return this.#openState(stream, receiver)
    if (stream.kind === 'networks') return this.#options.runtime.subscribeNetworks((reports) => void receiver.change(reports))
    if (stream.kind === 'service') return this.#offer(stream.service, receiver)
    if (stream.kind === 'file' || stream.kind === 'put') {
      return this.#closable(receiver, async () => (await import('./local-files.js')).openLocalFile(this.#options.runtime, stream, receiver))
    }
    const { diagnostics } = this.#options
    const batch = (entries: readonly DiagnosticEntry[]): void => void receiver.change(entries)
    const history = diagnostics.history()
    if (history.length > 0) batch(history)
    return diagnostics.subscribe((entry) => batch([entry]))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const fail of [...this.#waiting]) fail(closedError('This call'))
    if (this.#options.ownsRuntime !== false) await this.#options.runtime.close()
  }

  #offer(service: string, receiver: StreamReceiver): () => void {
    const sink = { ready: () => true, deliver: (ask: unknown) => void receiver.change(structuredClone(ask)) }
    return this.#closable(receiver, () => this.#options.runtime.offer(service, sink))
  }

  #openState({ path, live }: Extract<StreamSpec, { kind: 'state' }>, receiver: StreamReceiver): () => void {
    let open = true
    const sink = {
      ready: () => open,
      deliver: (change: unknown) => void receiver.change(change),
      failed: (error: unknown) => receiver.failed(asSpiceTimeError(error)),
    }
    const close = this.#closable(receiver, async () => {
      const subscription = await this.#options.runtime.subscribeState(path, sink, live)
      return () => subscription.unsubscribe()
    })
    return () => {
      open = false
      close()
    }
  }

  /** Closes what is still being opened as soon as it is. */
  #closable(receiver: StreamReceiver, open: () => Promise<() => void>): () => void {
    let closed = false
    let close = (): void => undefined
    open().then(
      (opened) => {
        close = opened
        if (closed) close()
      },
      (error: unknown) => receiver.failed(asSpiceTimeError(error)),
    )
    return () => {
      closed = true
      close()
    }
  }

  /** The answer, or ABORTED as soon as the signal says so, or RUNTIME_CLOSED when the client closes first. */
  #untilClosed<T>(method: string, signal: AbortSignal | undefined, answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        settle()
        reject(error)
      }
      const onAbort = (): void => fail(abortedError(method, signal))
      const settle = (): void => {
        signal?.removeEventListener('abort', onAbort)
        this.#waiting.delete(fail)
      }
      this.#waiting.add(fail)
      signal?.addEventListener('abort', onAbort)
      answer.then(
        (value) => {
          settle()
          resolve(value)
        },
        (error: unknown) => fail(asSpiceTimeError(error)),
      )
    })
  }
}

function copyInput(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || !('value' in input) || !(input.value instanceof Blob)) return structuredClone(input)
  const { value, ...rest } = input
  return { ...structuredClone(rest), value }
}

/** The caller may change what it passed as soon as the call returns, just as with a port between. */
function copyOf(method: string, subject: readonly unknown[]): readonly unknown[] {
  try {
    // A blob never changes, and in Node a file's clone has no name.
    if (method === 'submitEvent') return subject.map(copyInput)
    if (method === 'submitEvents') return subject.map((one) => (Array.isArray(one) ? one.map(copyInput) : structuredClone(one)))
    return structuredClone(subject)
  } catch (error) {
    throw error instanceof DOMException ? uncloneableError(method, error) : error
  }
}
