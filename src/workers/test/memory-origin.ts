import { turn } from '../../runtime/testing/manual-platform.js'
import type { ClientLocks } from '../../runtime/platform/client-locks.js'
import type { OwnedLock, OwnerLocks } from '../../runtime/platform/owner-locks.js'
import type { Channel, OpenChannel } from '../channel.js'

interface Request {
  readonly context: MemoryContext
  readonly grant: () => void
}
interface Held extends Request {
  readonly lose: () => void
}

/** Locks and BroadcastChannels of one origin, in memory, and the contexts that use them: each can freeze, thaw and die. */
export class MemoryOrigin {
  readonly #held = new Map<string, Held>()
  readonly #queues = new Map<string, Request[]>()
  readonly joined = new Set<MemoryChannel>()
  /** Thefts of locks so far. */
  thefts = 0
  #contexts = 0

  context(): MemoryContext {
    return new MemoryContext(this, `context-${++this.#contexts}`)
  }

  holder(name: string): string | undefined {
    return this.#held.get(name)?.context.id
  }

  request(name: string, context: MemoryContext, signal?: AbortSignal): Promise<OwnedLock> {
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(name) ?? []
      this.#queues.set(name, queue)
      // A frozen context is given the lock, and hears of it when it wakes.
      const wake = (lock: OwnedLock): void => void context.whenAwake().then(() => resolve(lock))
      const request = { context, grant: () => wake(this.#give(name, context)) }
      queue.push(request)
      signal?.addEventListener('abort', () => {
        if (!queue.includes(request)) return
        queue.splice(queue.indexOf(request), 1)
        reject(new DOMException('The request was aborted.', 'AbortError'))
      })
      this.#next(name)
    })
  }

  steal(name: string, context: MemoryContext): OwnedLock {
    this.thefts += 1
    this.#held.get(name)?.lose()
    return this.#give(name, context)
  }

  free(context: MemoryContext): void {
    for (const [name, held] of [...this.#held]) {
      if (held.context !== context) continue
      this.#held.delete(name)
      this.#next(name)
    }
  }

  #give(name: string, context: MemoryContext): OwnedLock {
    let lose = (): void => undefined
    const lost = new Promise<void>((resolve) => (lose = () => void context.whenAwake().then(resolve)))
    const held: Held = { context, grant: () => undefined, lose }
    this.#held.set(name, held)
    const release = (): void => {
      if (this.#held.get(name) !== held) return
      this.#held.delete(name)
      this.#next(name)
    }
    return { release, lost }
  }

  #next(name: string): void {
    if (this.#held.has(name)) return
    const queue = this.#queues.get(name) ?? []
    let next = queue.shift()
    while (next?.context.dead === true) next = queue.shift()
    next?.grant()
  }
}

/** A page or a worker of the origin. */
export class MemoryContext {
  readonly id: string
  readonly #origin: MemoryOrigin
  dead = false
  #awake: Promise<void> = Promise.resolve()
  #wake = (): void => undefined

  constructor(origin: MemoryOrigin, id: string) {
    this.#origin = origin
    this.id = id
  }

  /** Nothing reaches the context until it thaws; its locks stay. */
  freeze(): void {
    this.#awake = new Promise((resolve) => (this.#wake = resolve))
  }

  thaw(): void {
    this.#wake()
  }

  /** Its locks become free, and it hears nothing any more. */
  kill(): void {
    this.dead = true
    this.freeze()
    this.#origin.free(this)
  }

  whenAwake(): Promise<void> {
    return this.#awake
  }

  readonly channels: OpenChannel = (name) => new MemoryChannel(this.#origin, this, name)

  get locks(): OwnerLocks & Pick<ClientLocks, 'hold'> {
    const origin = this.#origin
    return {
      own: (name, signal) => origin.request(name, this, signal),
      steal: (name) => Promise.resolve(origin.steal(name, this)),
      // Answers come in the order in which things happened.
      holder: async (name) => {
        await turn()
        await this.whenAwake()
        return origin.holder(name)
      },
      hold: async (name) => {
        const lock = await origin.request(name, this)
        return lock.release
      },
      alone: async (name, work) => {
        if (origin.holder(name) !== undefined) return false
        const lock = await origin.request(name, this)
        await work()
        lock.release()
        return true
      },
    }
  }
}

class MemoryChannel implements Channel {
  readonly #origin: MemoryOrigin
  readonly #context: MemoryContext
  readonly #name: string
  readonly #listeners = new Set<(event: MessageEvent<unknown>) => void>()

  constructor(origin: MemoryOrigin, context: MemoryContext, name: string) {
    this.#origin = origin
    this.#context = context
    this.#name = name
    origin.joined.add(this)
  }

  postMessage(message: unknown): void {
    for (const other of this.#origin.joined) if (other !== this && other.#name === this.#name) void other.#deliver(structuredClone(message))
  }

  addEventListener(_type: 'message', listener: (event: MessageEvent<unknown>) => void): void {
    this.#listeners.add(listener)
  }

  close(): void {
    this.#origin.joined.delete(this)
  }

  async #deliver(data: unknown): Promise<void> {
    await this.#context.whenAwake()
    if (!this.#origin.joined.has(this)) return
    for (const listener of [...this.#listeners]) listener(new MessageEvent('message', { data }))
  }
}
