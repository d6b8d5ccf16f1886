import { transfer, wrap } from 'comlink'
import { CREDIT_STEP, parseGreeting, parseStreamDown, PROTOCOL_VERSIONS, STREAM_CREDITS } from '../../workers/protocol.js'
import type { Answer, Goodbye, Hello, Request, StreamSpec, StreamUp } from '../../workers/protocol.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import { errorFromWire } from '../errors/wire.js'
import type { ClientLocks } from '../platform/client-locks.js'
import type { Platform } from '../platform/platform.js'
import { randomHex } from '../platform/random-hex.js'
import type { Host, HostPort } from './host.js'
import type { StreamReceiver } from './transport.js'

/** Longest that a worker may take to load and to welcome a page, in milliseconds. */
export const START_BOUND = 15_000

export interface LinkOptions {
  readonly host: Host
  readonly platform: Platform
  readonly locks: ClientLocks
  readonly signal?: AbortSignal | undefined
}

/** One life of a port to the runtime: from the worker's welcome to `close`. */
export interface Link {
  readonly generation: string
  /** Sends a request; the promise is the worker's answer, or never settles when the worker dies. */
  send(request: Request): Promise<Answer>
  /** Returns the function that closes the stream. */
  open(stream: StreamSpec, receiver: Pick<StreamReceiver, 'change' | 'failed'>): () => void
  /** Tells the worker to free the streams: this page may not come back. */
  goodbye(): void
  /** Lets go of the port and the lock, and so of everything. */
  close(): void
}

/**
 * Connects to the runtime.
 * @throws SpiceTimeError WORKER_UNAVAILABLE, WORKER_FAILED (no welcome within `START_BOUND`), PROTOCOL_MISMATCH, ABORTED
 */
export async function openLink(options: LinkOptions): Promise<Link> {
  const { host, locks, platform, signal } = options
  if (signal?.aborted === true) throw connectAborted(signal)
  const hostPort = host.open()
  const lock = `spicetime-client-${randomHex(platform, 16)}`
  // Held before the hello: the worker takes a free lock for a page that is gone.
  const releaseLock = await locks.hold(lock)
  const release = (): void => {
    hostPort.port.close()
    releaseLock()
  }
  try {
    const generation = await greet(hostPort, { spicetime: 'hello', versions: PROTOCOL_VERSIONS, lock }, options)
    return makeLink(hostPort.port, generation, release)
  } catch (error) {
    release()
    throw error
  }
}

/** Says hello and resolves with the generation of the worker that welcomes. */
function greet(hostPort: HostPort, hello: Hello, { platform, signal }: LinkOptions): Promise<string> {
  const { port } = hostPort
  return new Promise((resolve, reject) => {
    const undo: (() => void)[] = []
    const settle = (act: () => void): void => {
      for (const step of undo) step()
      act()
    }
    const fail = (error: unknown): void => settle(() => reject(error))
    const onMessage = (event: MessageEvent<unknown>): void => {
      const greeting = parseGreeting(event.data)
      if (greeting?.spicetime === 'refused') fail(errorFromWire(greeting.error))
      else if (greeting?.spicetime === 'welcome') settle(() => resolve(greeting.generation))
    }
    const onAbort = (): void => fail(connectAborted(signal))
    port.addEventListener('message', onMessage)
    signal?.addEventListener('abort', onAbort)
    undo.push(
      () => port.removeEventListener('message', onMessage),
      () => signal?.removeEventListener('abort', onAbort),
      hostPort.onFailure((reason) => fail(workerFailed(`The runtime's worker could not start: ${reason}.`))),
      platform.after(START_BOUND, () => fail(workerFailed(`The runtime's worker did not answer within ${START_BOUND / 1000} seconds.`))),
    )
    if (signal?.aborted === true) return onAbort()
    port.start()
    port.postMessage(hello)
  })
}

function makeLink(port: MessagePort, generation: string, release: () => void): Link {
  const send = wrap<(request: Request) => Answer>(port)
  const goodbye: Goodbye = { spicetime: 'goodbye' }
  return {
    generation,
    send,
    open: (stream, receiver) => openStream(send, stream, receiver),
    goodbye: () => port.postMessage(goodbye),
    close: release,
  }
}

function openStream(send: Link['send'], stream: StreamSpec, receiver: Pick<StreamReceiver, 'change' | 'failed'>): () => void {
  const { port1, port2 } = new MessageChannel()
  let taken = 0
  let closed = false
  const up = (message: StreamUp): void => port1.postMessage(message)
  const finish = (): void => {
    closed = true
    port1.close()
  }
  const fail = (error: unknown): void => {
    if (closed) return
    finish()
    receiver.failed(error)
  }
  port1.onmessage = (event: MessageEvent<unknown>) => {
    const message = parseStreamDown(event.data)
    if (closed || message === undefined) return
    if ('failed' in message) return fail(errorFromWire(message.failed))
    taken += 1
    if (taken % CREDIT_STEP === 0) up({ credit: CREDIT_STEP })
    receiver.change(message.change)
  }
  const request: Request = { method: 'open', stream, port: port2, credits: STREAM_CREDITS }
  send(transfer(request, [port2])).catch(fail)
  return () => {
    if (closed) return
    up({ close: true })
    finish()
  }
}

function connectAborted(signal: AbortSignal | undefined): SpiceTimeError {
  return new SpiceTimeError('ABORTED', 'Connecting was called off by its signal.', {}, signal?.reason)
}

function workerFailed(what: string): SpiceTimeError {
  const todo = 'Reload the page; if that does not help, close every tab of this app and open it again.'
  return new SpiceTimeError('WORKER_FAILED', `${what} ${todo}`)
}
