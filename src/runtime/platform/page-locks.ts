import { webLocks } from './client-locks.js'
import type { ClientLocks } from './client-locks.js'

/** What a page asks of the browser's locks. */
export interface PageLocks extends ClientLocks {
  /** Names of the held locks that begin so. */
  held(prefix: string): Promise<readonly string[]>
  /** Resolves with the function that lets go, once the lock is held, after everybody who asked before; waits no longer than so many milliseconds. */
  turn(name: string, bound: number): Promise<() => void>
}

/** The browser's Web Locks. */
export const pageLocks: PageLocks = {
  ...webLocks,
  async held(prefix) {
    const { held = [] } = await navigator.locks.query()
    return held.flatMap(({ name }) => (name?.startsWith(prefix) === true ? [name] : []))
  },
  turn(name, bound) {
    return new Promise((resolve, reject) => {
      const hold = (): Promise<void> => new Promise((release) => resolve(() => release()))
      // Whoever had the turn before may be frozen: nobody waits for it for long.
      navigator.locks
        .request(name, { signal: AbortSignal.timeout(bound) }, hold)
        .catch((error: unknown) => (isTimeout(error) ? resolve(() => undefined) : reject(error)))
    })
  },
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError'
}
