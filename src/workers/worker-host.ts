import { Diagnostics } from '../runtime/diagnostics/diagnostics.js'
import { asSpiceTimeError, SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import { errorToWire } from '../runtime/errors/wire.js'
import type { ClientLocks } from '../runtime/platform/client-locks.js'
import type { Platform } from '../runtime/platform/platform.js'
import { randomHex } from '../runtime/platform/random-hex.js'
import { ClientSession } from './client-session.js'
import type { SessionHost } from './client-session.js'
import { installErrorsHandler } from './errors-handler.js'
import { commonVersion, parseHello, PROTOCOL_VERSION } from './protocol.js'
import type { Hello, Refusal, Welcome } from './protocol.js'
import type { EarlyRead, RuntimeService, StartRuntime } from './runtime-service.js'
import { ServiceCalls } from './service-calls.js'

export interface WorkerHostOptions {
  readonly start: StartRuntime
  readonly platform: Platform
  readonly locks: ClientLocks
}

/**
 * One life of the worker: starts the one Runtime and gives each port that connects a session. Connections are welcomed at once; calls
 * wait for the start. A start that failed is the answer to every call, and is tried again when the next page connects.
 */
export class WorkerHost implements SessionHost {
  readonly generation: string
  readonly diagnostics: Diagnostics
  readonly platform: Platform
  readonly calls = new ServiceCalls({ service: () => this.#service ?? this.service(), early: () => this.#early })
  readonly #options: WorkerHostOptions
  readonly #sessions = new Set<ClientSession>()
  #service: RuntimeService | undefined
  /** While the runtime starts: resolves once its store is open, or with nothing when it will not come to that. */
  #early: Promise<EarlyRead | undefined> | undefined
  #starting: Promise<RuntimeService> | undefined
  #failed = false

  constructor(options: WorkerHostOptions) {
    installErrorsHandler()
    this.#options = options
    this.platform = options.platform
    this.diagnostics = new Diagnostics(() => options.platform.now())
    this.generation = randomHex(options.platform, 8)
    void this.#start()
  }

  /** Sessions and their open streams now. */
  get open(): { readonly clients: number; readonly streams: number } {
    const streams = [...this.#sessions].reduce((sum, session) => sum + session.openStreams, 0)
    return { clients: this.#sessions.size, streams }
  }

  /** The runtime once it has started. @throws SpiceTimeError what the start failed with */
  service(): Promise<RuntimeService> {
    return this.#starting ?? this.#start()
  }

  /** Takes a port that a page connected with. */
  accept(port: MessagePort): void {
    if (this.#failed) void this.#start()
    const greet = (event: MessageEvent<unknown>): void => {
      const hello = parseHello(event.data)
      if (hello === undefined) return
      port.removeEventListener('message', greet)
      this.#greet(port, hello)
    }
    port.addEventListener('message', greet)
    port.start()
  }

  /** An error that nobody caught: shown to every page that watches diagnostics. */
  reportUncaught(task: string, reason: unknown): void {
    const error = asSpiceTimeError(reason)
    this.diagnostics.emit({ kind: 'background-failed', task, code: error.code, reason: error.message })
  }

  #greet(port: MessagePort, hello: Hello): void {
    const version = commonVersion(hello.versions)
    if (version === undefined) {
      const refusal: Refusal = { spicetime: 'refused', error: errorToWire(mismatch(hello.versions)) }
      port.postMessage(refusal)
      return port.close()
    }
    const waiting = new AbortController()
    const session = new ClientSession(this, port, () => {
      waiting.abort()
      this.#sessions.delete(session)
      this.diagnostics.emit({ kind: 'client-gone', client: hello.lock })
    })
    this.#sessions.add(session)
    this.#options.locks.whenFree(hello.lock, waiting.signal).then(
      () => session.free(),
      (error: unknown) => {
        if (!waiting.signal.aborted) this.reportUncaught('watch over a page', error)
      },
    )
    const welcome: Welcome = { spicetime: 'welcome', version, generation: this.generation }
    port.postMessage(welcome)
  }

  #start(): Promise<RuntimeService> {
    this.#failed = false
    let ended: SpiceTimeError | undefined
    const onEnded = (error: SpiceTimeError): void => {
      ended ??= error
      if (this.#starting === starting) this.#end(error)
    }
    let onReadable: (read: EarlyRead | undefined) => void = () => undefined
    this.#early = new Promise((resolve) => (onReadable = resolve))
    const starting = this.#options.start({ diagnostics: this.diagnostics, onEnded, onReadable }).then(
      (service) => {
        onReadable(undefined)
        this.#early = undefined
        if (ended !== undefined) throw ended
        return (this.#service = service)
      },
      (error: unknown) => {
        onReadable(undefined)
        this.#early = undefined
        this.#failed = true
        this.reportUncaught('start', error)
        throw asSpiceTimeError(error)
      },
    )
    return this.#become(starting)
  }

  #end(error: SpiceTimeError): void {
    this.#failed = true
    this.reportUncaught('storage', error)
    const service = this.#service
    if (service === undefined) return
    this.#service = undefined
    void this.#become(Promise.reject(error))
    for (const session of this.#sessions) session.failStreams(error)
    service.close().catch((failure: unknown) => this.reportUncaught('close', failure))
  }

  #become(starting: Promise<RuntimeService>): Promise<RuntimeService> {
    this.#starting = starting
    // Each call that waits for it gets the failure; with no call yet it must not count as unhandled.
    starting.catch(() => undefined)
    return starting
  }
}

function mismatch(theirs: readonly number[]): SpiceTimeError {
  return new SpiceTimeError(
    'PROTOCOL_MISMATCH',
    `This page speaks version ${theirs.join(', ')} of the runtime's protocol and its worker version ${PROTOCOL_VERSION}. Reload every open tab of this app.`,
    { page: theirs.map(String), worker: PROTOCOL_VERSION },
  )
}
