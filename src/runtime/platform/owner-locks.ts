/** A lock that this context holds for something that it owns. */
export interface OwnedLock {
  release(): void
  /** Resolves when somebody else took the lock away; never after `release`. */
  readonly lost: Promise<void>
}

/** The locks that decide which context owns something. */
export interface OwnerLocks {
  /** Resolves once the lock is held, after everybody who asked before. Rejects when the signal says to stop waiting. */
  own(name: string, signal: AbortSignal): Promise<OwnedLock>
  /** Takes the lock away from whoever holds it, past everybody who waits. */
  steal(name: string): Promise<OwnedLock>
  /** Which context holds the lock: a name of its own for each; undefined when none does. */
  holder(name: string): Promise<string | undefined>
  /** Does the work while it holds the lock; `false`, and nothing done, when another holds it. */
  alone(name: string, work: () => Promise<void>): Promise<boolean>
}

/** The browser's Web Locks. */
export const ownerLocks: OwnerLocks = {
  own: (name, signal) => request(name, { signal }),
  steal: (name) => request(name, { steal: true }),
  async holder(name) {
    const { held } = await navigator.locks.query()
    return held?.find((lock) => lock.name === name)?.clientId
  },
  alone: (name, work) =>
    navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock === null) return false
      await work()
      return true
    }),
}

function request(name: string, options: LockOptions): Promise<OwnedLock> {
  return new Promise((resolve, reject) => {
    let held = false
    let lose = (): void => undefined
    const lost = new Promise<void>((done) => (lose = done))
    const hold = (): Promise<void> =>
      new Promise((release) => {
        held = true
        resolve({ release, lost })
      })
    // Rejects while it waits when it was called off, and while it holds when the lock was stolen.
    navigator.locks.request(name, options, hold).catch((error: unknown) => (held ? lose() : reject(error)))
  })
}
