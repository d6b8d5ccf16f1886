/**
 * How a worker learns that a page is gone: the page holds a lock of its own as long as it lives, and the worker waits for the same lock.
 * Freed by the browser some 15 to 40 ms after a close, a crash or a navigation.
 */
export interface ClientLocks {
  /** Resolves with the function that lets go, once the lock is held. */
  hold(name: string): Promise<() => void>
  /** Resolves when nobody holds the lock any more; rejects when the signal says to stop waiting. */
  whenFree(name: string, signal: AbortSignal): Promise<void>
}

/** The browser's Web Locks. */
export const webLocks: ClientLocks = {
  hold(name) {
    return new Promise((resolve, reject) => {
      navigator.locks.request(name, () => new Promise<void>((release) => resolve(() => release()))).catch(reject)
    })
  },
  async whenFree(name, signal) {
    // Shared: all who wait hear of it together, though one of them is frozen and keeps what it was given.
    await navigator.locks.request(name, { mode: 'shared', signal }, () => undefined)
  },
}
