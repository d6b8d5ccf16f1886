import { browserChannel } from './channel.js'
import type { Channel, OpenChannel } from './channel.js'
import type { WirePort } from './wire-port.js'

/** The accepting end's first message. */
const READY = { spicetime: 'ready' } as const

/**
 * The opening end of a port over the BroadcastChannel of that name, which must be new: what is posted waits until the other end is there.
 * For two contexts that can't hand each other a MessagePort.
 */
export function openBroadcastPort(name: string, open: OpenChannel = browserChannel): WirePort {
  return new BroadcastPort(open(name), [])
}

/** The accepting end: the opening one is there already. */
export function acceptBroadcastPort(name: string, open: OpenChannel = browserChannel): WirePort {
  const channel = open(name)
  const port = new BroadcastPort(channel, undefined)
  channel.postMessage(READY)
  return port
}

class BroadcastPort implements WirePort {
  readonly #channel: Channel
  readonly #listeners = new Set<(event: MessageEvent<unknown>) => void>()
  /** Messages until the other end is there. */
  #outgoing: unknown[] | undefined
  /** Messages until `start`. */
  #incoming: MessageEvent<unknown>[] | undefined = []
  #closed = false

  constructor(channel: Channel, outgoing: unknown[] | undefined) {
    this.#channel = channel
    this.#outgoing = outgoing
    channel.addEventListener('message', (event) => this.#receive(event))
  }

  postMessage(message: unknown): void {
    if (this.#closed) return
    if (this.#outgoing === undefined) this.#channel.postMessage(message)
    // A copy of now, as a port would take: the caller may change what it posted.
    else this.#outgoing.push(structuredClone(message))
  }

  addEventListener(_type: 'message', listener: (event: MessageEvent<unknown>) => void): void {
    this.#listeners.add(listener)
  }

  removeEventListener(_type: 'message', listener: (event: MessageEvent<unknown>) => void): void {
    this.#listeners.delete(listener)
  }

  start(): void {
    const waiting = this.#incoming ?? []
    this.#incoming = undefined
    for (const event of waiting) this.#deliver(event)
  }

  close(): void {
    this.#closed = true
    this.#outgoing = undefined
    this.#incoming = undefined
    this.#channel.close()
  }

  #receive(event: MessageEvent<unknown>): void {
    if (this.#closed) return
    if (isReady(event.data)) this.#flush()
    else if (this.#incoming === undefined) this.#deliver(event)
    else this.#incoming.push(event)
  }

  #flush(): void {
    const waiting = this.#outgoing ?? []
    this.#outgoing = undefined
    for (const message of waiting) this.#channel.postMessage(message)
  }

  #deliver(event: MessageEvent<unknown>): void {
    if (this.#closed) return
    for (const listener of [...this.#listeners]) listener(event)
  }
}

function isReady(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'spicetime' in data && data.spicetime === READY.spicetime
}
