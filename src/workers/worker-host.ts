import { Diagnostics } from '../runtime/diagnostics/diagnostics.js'
import { asSpiceTimeError, SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import { errorToWire } from '../runtime/errors/wire.js'
import type { ClientLocks } from '../runtime/platform/client-locks.js'
import type { OwnerLocks } from '../runtime/platform/owner-locks.js'
import type { Platform } from '../runtime/platform/platform.js'
import { randomHex } from '../runtime/platform/random-hex.js'
import { acceptBroadcastPort } from './broadcast-port.js'
import type { OpenChannel } from './channel.js'
import { ClientSession } from './client-session.js'
import type { SessionHost } from './client-session.js'
import { awaitHello } from './hello.js'
import { Ownership } from './ownership.js'
import { hostName, lifeName } from './protocol.js'
import type { CallRequest, Elsewhere, Hello, HostKind, Refusal, Welcome } from './protocol.js'
import type { RuntimeService, StartRuntime } from './runtime-service.js'
import { ServiceCalls } from './service-calls.js'
import { ServiceRun } from './service-run.js'
import type { WirePort } from './wire-port.js'

/** Milliseconds that a runtime may take to close before the database is let go of without it. */
const CLOSE_BOUND = 1000

export interface WorkerHostOptions {
  /** The database's. */
  readonly name: string
  /** Version of the database that this build writes. */
  readonly database: number
  readonly kind: HostKind
  readonly start: StartRuntime
  readonly platform: Platform
  readonly locks: ClientLocks & OwnerLocks
  readonly channels: OpenChannel
  /** Of a SharedWorker: tells the replacements of a wedged one apart. */
  readonly suffix?: number
  /** Loads what makes the calls that pages left in the inbox. */
  readonly inbox?: (host: DrainedHost) => Promise<Inbox>
}

/** What pages left to do. */
export interface Inbox {
  /** Does it; never rejects. */
  drain(): Promise<void>
}

export interface DrainedHost {
  readonly diagnostics: Diagnostics
  readonly run: (request: CallRequest) => Promise<unknown>
}

/** A page that said hello, and what was found out since. */
interface Visit {
  readonly hello: Hello
  readonly version: number
  readonly owned: boolean
  /** The runtime that had failed before the page came. */
  readonly failed: ServiceRun | undefined
}

/**
 * One life of a host: runs the one Runtime while it owns the database, and gives each port that connects a session. Connections are welcomed
 * before the runtime has started; calls wait. A start that failed is the answer to every call, and is tried again when the next page connects.
 */
export class WorkerHost implements SessionHost {
  readonly generation: string
  readonly diagnostics: Diagnostics
  readonly platform: Platform
  calls: ServiceCalls
  readonly #options: WorkerHostOptions
  readonly #ownership: Ownership
  #inbox: Promise<Inbox> | undefined
  /** Resolves when pages can wait for the end of this host. */
  readonly #alive: Promise<unknown>
  readonly #sessions = new Set<ClientSession>()
  #run: ServiceRun | undefined
  #leaving: Promise<void> | undefined

  constructor(options: WorkerHostOptions) {
    const { locks, platform, name, suffix } = options
    this.#options = options
    this.platform = platform
    this.diagnostics = new Diagnostics(() => platform.now())
    this.generation = randomHex(platform, 8)
    this.calls = this.#newCalls()
    this.#alive = locks.hold(lifeName(this.generation))
    this.#watch('life lock', this.#alive)
    if (suffix !== undefined) this.#watch('host lock', locks.hold(hostName(name, suffix)))
    this.#ownership = new Ownership(
      { ...options, generation: this.generation },
      {
        onOwned: () => void this.#ensureRun(),
        onLost: () => this.#leave(),
        onYield: () => this.#leave(),
        onConnect: (channel) => this.accept(this.acceptChannel(channel)),
        onDrain: () => this.#drain(),
        onFailure: (error) => this.reportUncaught('ownership', error),
      },
    )
    this.#watch('ownership', this.#ownership.ask())
  }

  /** Sessions and their open streams now. */
  get open(): { readonly clients: number; readonly streams: number } {
    const streams = [...this.#sessions].reduce((sum, session) => sum + session.openStreams, 0)
    return { clients: this.#sessions.size, streams }
  }

  /** The runtime once it has started. @throws SpiceTimeError what the start failed with */
  async service(): Promise<RuntimeService> {
    return this.#serviceNow()
  }

  acceptChannel(name: string): WirePort {
    return acceptBroadcastPort(name, this.#options.channels)
  }

  /** Takes a port that a page connected with. */
  accept(port: WirePort): void {
    const failed = this.#run?.failed === true ? this.#run : undefined
    awaitHello(port, {
      onHello: (hello, version) => {
        this.#settle().then(
          (owned) => this.#answer(port, { hello, version, owned, failed }),
          (error: unknown) => this.#refuse(port, error),
        )
      },
      onStranger: (error) => this.#refuse(port, error),
    })
  }

  /** The page that it runs in is about to stand still: the database is anybody's at once. The fence holds off what still runs. */
  letGo(): void {
    this.#leave()
    this.#ownership.release()
  }

  /** An error that nobody caught: shown to every page that watches diagnostics. */
  reportUncaught(task: string, reason: unknown): void {
    const error = asSpiceTimeError(reason)
    this.diagnostics.emit({ kind: 'background-failed', task, code: error.code, reason: error.message })
  }

  /** Resolves with whether this host owns the database, once that is known. */
  async #settle(): Promise<boolean> {
    for (;;) {
      await this.#leaving
      const owned = await this.#ownership.ask()
      await this.#alive
      // What was owned may be lost again by now.
      if (!owned || (this.#leaving === undefined && this.#ownership.owned)) return owned
    }
  }

  #answer(port: WirePort, { hello, version, owned, failed }: Visit): void {
    if (!owned) {
      const elsewhere: Elsewhere = { spicetime: 'elsewhere' }
      port.postMessage(elsewhere)
      return port.close()
    }
    if (failed !== undefined && this.#run === failed) this.#run = undefined
    this.#ensureRun()
    this.#openSession(port, hello)
    const welcome: Welcome = { spicetime: 'welcome', version, generation: this.generation, kind: this.#options.kind }
    port.postMessage(welcome)
  }

  #refuse(port: WirePort, error: unknown): void {
    const refusal: Refusal = { spicetime: 'refused', error: errorToWire(asSpiceTimeError(error)) }
    port.postMessage(refusal)
    port.close()
  }

  #openSession(port: WirePort, hello: Hello): void {
    const waiting = new AbortController()
    const session = new ClientSession(this, port, () => {
      waiting.abort()
      this.#sessions.delete(session)
    })
    this.#sessions.add(session)
    this.#options.locks.whenFree(hello.lock, waiting.signal).then(
      () => {
        session.free()
        this.diagnostics.emit({ kind: 'client-gone', client: hello.lock })
        this.#drain()
      },
      (error: unknown) => {
        if (!waiting.signal.aborted) this.reportUncaught('watch over a page', error)
      },
    )
  }

  #ensureRun(): ServiceRun {
    this.#run ??= new ServiceRun(this.#options.start, this.diagnostics, {
      onStarted: () => this.#drain(),
      onStartFailed: (error) => this.reportUncaught('start', error),
      onEnded: (error) => this.#end(error),
      onOvertaken: () => this.#leave(),
      onCloseFailed: (error) => this.reportUncaught('close', error),
    })
    return this.#run
  }

  #end(error: SpiceTimeError): void {
    this.reportUncaught('storage', error)
    for (const session of this.#sessions) session.failStreams(error)
  }

  /** The database is somebody else's, or will be: the pages go there, and what was not answered is sent there again. */
  #leave(): void {
    if (this.#leaving !== undefined) return
    const run = this.#run
    this.#run = undefined
    this.calls = this.#newCalls()
    for (const session of [...this.#sessions]) session.move()
    let cancel = (): void => undefined
    const bound = new Promise<void>((resolve) => (cancel = this.platform.after(CLOSE_BOUND, resolve)))
    this.#leaving = Promise.race([run?.close(), bound]).then(() => {
      cancel()
      this.#leaving = undefined
      this.#ownership.release()
    })
  }

  #drain(): void {
    if (!this.#ownership.owned || this.#leaving !== undefined) return
    const run = (request: CallRequest): Promise<unknown> => this.calls.run(request, undefined)
    this.#inbox ??= this.#options.inbox?.({ diagnostics: this.diagnostics, run })
    this.#inbox
      ?.then((inbox) => inbox.drain())
      .catch((error: unknown) => {
        this.#inbox = undefined
        this.reportUncaught('inbox', error)
      })
  }

  #newCalls(): ServiceCalls {
    return new ServiceCalls({ service: () => this.#serviceNow(), early: () => this.#run?.early })
  }

  #serviceNow(): RuntimeService | Promise<RuntimeService> {
    if (!this.#ownership.owned || this.#leaving !== undefined) throw notOwner()
    return this.#ensureRun().service
  }

  #watch(task: string, promise: Promise<unknown>): void {
    promise.catch((error: unknown) => this.reportUncaught(task, error))
  }
}

function notOwner(): SpiceTimeError {
  return new SpiceTimeError('RUNTIME_CLOSED', 'The runtime moved to another tab or worker. The page connects there by itself.')
}
