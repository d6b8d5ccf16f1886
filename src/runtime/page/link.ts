import { transfer, wrap } from 'comlink'
import type { Endpoint } from 'comlink'
import {
  CREDIT_STEP,
  isMoved,
  parseGreeting,
  parsePong,
  parseStreamDown,
  PROTOCOL_VERSIONS,
  STREAM_CREDITS,
} from '../../workers/protocol.js'
import type { Answer, Goodbye, Hello, Ping, Request, StreamSpec, StreamUp, Welcome } from '../../workers/protocol.js'
import type { WirePort } from '../../workers/wire-port.js'
import { isSpiceTimeError, SpiceTimeError } from '../errors/spice-time-error.js'
import { errorFromWire } from '../errors/wire.js'
import type { PageLocks } from '../platform/page-locks.js'
import type { Platform } from '../platform/platform.js'
import { randomHex } from '../platform/random-hex.js'
import type { Host, HostPort, StreamEnds } from './host.js'
import type { Patience } from './patience.js'
import type { StreamReceiver } from './transport.js'

/** Longest that a host may take to load and to welcome a page, in milliseconds. */
export const START_BOUND = 15_000
/** Hosts that are tried in a row before a page says that none answers. */
const TRIES = 4

export interface LinkOptions {
  readonly host: Host
  readonly platform: Platform
  readonly locks: PageLocks
  readonly patience: Patience
  readonly signal?: AbortSignal | undefined
}

/** One life of a port to the runtime: from the host's welcome to `close`. */
export interface Link extends Pick<Welcome, 'generation' | 'kind'> {
  /** Sends a request; the promise is the host's answer, or never settles when the host dies. */
  send(request: Request): Promise<Answer>
  /** Returns the function that closes the stream. */
  open(stream: StreamSpec, receiver: Pick<StreamReceiver, 'change' | 'opened' | 'failed'>): () => void
  /** Resolves when the host has answered; never when it does not. */
  ping(): Promise<void>
  /** Calls back when the host says that it owns the database no more. */
  onMoved(listener: () => void): void
  /** Tells the host to free the streams: this page may not come back. */
  goodbye(): void
  /** Lets go of the port and the lock, and so of everything. */
  close(): void
}

/**
 * Connects to the runtime: a host that does not answer is replaced.
 * @param silent the host that was there is known not to answer
 * @throws SpiceTimeError WORKER_UNAVAILABLE, WORKER_FAILED, PROTOCOL_MISMATCH, ABORTED
 */
export async function openLink(options: LinkOptions, silent = false): Promise<Link> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryLink(options, silent || attempt > 1)
    } catch (error) {
      if (!isSpiceTimeError(error, 'WORKER_FAILED') || attempt === TRIES) throw error
      if (error.context['silent'] === true) options.patience.lost()
      else if (options.host.fallBack?.() !== true) throw error
    }
  }
}

async function tryLink(options: LinkOptions, silent: boolean): Promise<Link> {
  const { host, locks, platform, signal } = options
  if (signal?.aborted === true) throw connectAborted(signal)
  const lock = `spicetime-client-${randomHex(platform, 16)}`
  // Held before the hello: the host takes a free lock for a page that is gone.
  const [releaseLock, first] = await Promise.all([locks.hold(lock), host.open(silent)])
  let hostPort = first
  try {
    const hello: Hello = { spicetime: 'hello', versions: PROTOCOL_VERSIONS, lock }
    let welcome = await greet(hostPort, hello, options)
    if (welcome === undefined) {
      hostPort.settled()
      hostPort.port.close()
      hostPort = await host.openOwner()
      welcome = await greet(hostPort, hello, options)
    }
    if (welcome === undefined) throw silentHost('moved while this page connected')
    hostPort.settled()
    return makeLink(hostPort, welcome, releaseLock)
  } catch (error) {
    hostPort.settled()
    hostPort.port.close()
    releaseLock()
    throw error
  }
}

/** Says hello and resolves with the welcome, or with nothing when the owner is elsewhere. */
function greet(hostPort: HostPort, hello: Hello, { patience, platform, signal }: LinkOptions): Promise<Welcome | undefined> {
  const { port, running } = hostPort
  return new Promise((resolve, reject) => {
    const undo: (() => void)[] = []
    let settled = false
    const settle = (act: () => void): void => {
      settled = true
      for (const step of undo) step()
      act()
    }
    const fail = (error: unknown): void => settle(() => reject(error))
    const onMessage = (event: MessageEvent<unknown>): void => {
      const greeting = parseGreeting(event.data)
      if (greeting?.spicetime === 'refused') fail(errorFromWire(greeting.error))
      else if (greeting?.spicetime === 'welcome') settle(() => resolve(greeting))
      else if (greeting?.spicetime === 'elsewhere') settle(() => resolve(undefined))
    }
    const onAbort = (): void => fail(connectAborted(signal))
    port.addEventListener('message', onMessage)
    signal?.addEventListener('abort', onAbort)
    undo.push(
      () => port.removeEventListener('message', onMessage),
      () => signal?.removeEventListener('abort', onAbort),
      hostPort.onFailure((reason) => fail(workerFailed(`The runtime's worker could not start: ${reason}.`))),
      platform.after(START_BOUND, () => fail(silentHost(`did not answer within ${START_BOUND / 1000} seconds`))),
    )
    if (signal?.aborted === true) return onAbort()
    port.start()
    port.postMessage(hello)
    if (!running) return
    void patience
      .answered(() => ping(port))
      .then((answered) => {
        if (!answered && !settled) fail(silentHost('is there and does not answer'))
      })
  })
}

let pings = 0

function ping(port: WirePort): Promise<void> {
  const question: Ping = { spicetime: 'ping', id: ++pings }
  return new Promise((resolve) => {
    const onMessage = (event: MessageEvent<unknown>): void => {
      // A pong to an earlier ping says as much.
      if (parsePong(event.data) === undefined) return
      port.removeEventListener('message', onMessage)
      resolve()
    }
    port.addEventListener('message', onMessage)
    port.postMessage(question)
  })
}

function makeLink(hostPort: HostPort, { generation, kind }: Welcome, release: () => void): Link {
  const { port } = hostPort
  // What comlink uses of an endpoint is what a WirePort has.
  const send = wrap<(request: Request) => Answer>(port as unknown as Endpoint)
  const goodbye: Goodbye = { spicetime: 'goodbye' }
  return {
    generation,
    kind,
    send,
    open: (stream, receiver) => openStream(send, { stream, receiver, streamEnds: hostPort.streamEnds ?? portPair }),
    ping: () => ping(port),
    onMoved: (listener) => port.addEventListener('message', ({ data }) => isMoved(data) && listener()),
    goodbye: () => port.postMessage(goodbye),
    close() {
      port.close()
      release()
    },
  }
}

interface StreamOpening {
  readonly stream: StreamSpec
  readonly receiver: Pick<StreamReceiver, 'change' | 'opened' | 'failed'>
  readonly streamEnds: () => StreamEnds
}

function openStream(send: Link['send'], { stream, receiver, streamEnds }: StreamOpening): () => void {
  const { near, far } = streamEnds()
  let taken = 0
  let closed = false
  const up = (message: StreamUp): void => near.postMessage(message)
  const finish = (): void => {
    closed = true
    near.close()
  }
  const fail = (error: unknown): void => {
    if (closed) return
    finish()
    receiver.failed(error)
  }
  const take = (): void => {
    taken += 1
    if (taken % CREDIT_STEP === 0) up({ credit: CREDIT_STEP })
  }
  near.addEventListener('message', (event: MessageEvent<unknown>) => {
    const message = parseStreamDown(event.data)
    if (closed || message === undefined) return
    if ('failed' in message) return fail(errorFromWire(message.failed))
    const taking = receiver.change(message.change)
    if (taking === undefined) take()
    // A receiver that fails has failed its own reader.
    else taking.then(take, fail)
  })
  near.start()
  const request: Request = { method: 'open', stream, port: far, credits: STREAM_CREDITS }
  send(typeof far === 'string' ? request : transfer(request, [far])).catch(fail)
  receiver.opened?.((data) => up({ up: data }))
  return () => {
    if (closed) return
    up({ close: true })
    finish()
  }
}

function portPair(): StreamEnds {
  const { port1, port2 } = new MessageChannel()
  return { near: port1, far: port2 }
}

function connectAborted(signal: AbortSignal | undefined): SpiceTimeError {
  return new SpiceTimeError('ABORTED', 'Connecting was called off by its signal.', {}, signal?.reason)
}

const RELOAD = 'Reload the page; if that does not help, close every tab of this app and open it again.'

function workerFailed(what: string): SpiceTimeError {
  return new SpiceTimeError('WORKER_FAILED', `${what} ${RELOAD}`)
}

function silentHost(what: string): SpiceTimeError {
  return new SpiceTimeError('WORKER_FAILED', `The runtime's worker ${what}. ${RELOAD}`, { silent: true })
}
