import type { Host, HostPort } from '../../runtime/page/host.js'
import type { PageLocks } from '../../runtime/platform/page-locks.js'
import type { WorkerHost } from '../worker-host.js'

/** A host whose worker is an object of this process, at the other end of a MessageChannel. */
export function inProcessHost(worker: Pick<WorkerHost, 'accept'>): Host {
  return {
    open() {
      const { port1, port2 } = new MessageChannel()
      worker.accept(port2)
      return Promise.resolve(portTo(port1))
    },
    openOwner() {
      throw new Error('this host has no owner elsewhere')
    },
  }
}

function portTo(port: MessagePort): HostPort {
  return { port, running: true, onFailure: () => () => undefined, settled: () => undefined }
}

/** Web Locks of one origin, in memory; `freeAll` is the death of every page. */
export class MemoryLocks implements PageLocks {
  readonly #held = new Map<string, Promise<void>>()
  readonly #releases = new Set<() => void>()

  get size(): number {
    return this.#held.size
  }

  async hold(name: string): Promise<() => void> {
    const { promise, resolve } = withResolvers()
    const release = (): void => {
      this.#held.delete(name)
      this.#releases.delete(release)
      resolve()
    }
    this.#held.set(name, promise)
    this.#releases.add(release)
    return release
  }

  async whenFree(name: string, signal: AbortSignal): Promise<void> {
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new DOMException('The request was aborted.', 'AbortError')))
    })
    await Promise.race([this.#held.get(name), aborted])
  }

  held(prefix: string): Promise<readonly string[]> {
    return Promise.resolve([...this.#held.keys()].filter((name) => name.startsWith(prefix)))
  }

  /** No other page replaces a host in these tests. */
  turn(): Promise<() => void> {
    return Promise.resolve(() => undefined)
  }

  freeAll(): void {
    for (const release of [...this.#releases]) release()
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}
