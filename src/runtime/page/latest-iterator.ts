/** What a LatestIterator needs to know of its source. */
export interface LatestSource<T> {
  /** Called once, when the first value is asked for; returns the function that frees everything. */
  start(iterator: LatestIterator<T>): () => void
  /** Ends the iteration. */
  readonly signal?: AbortSignal | undefined
  /** Makes one value of one that nobody took yet and the next; default: the next replaces it. */
  readonly join?: (held: T, next: T) => T
}

interface Waiter<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void
  readonly reject: (error: unknown) => void
}

/**
 * An async iterator that holds at most one value: whoever is slow gets the newest and misses those between, never the last.
 * Opens its source with the first `next()`, frees it with `return()`, the signal, a failure, or `break` in a `for await`.
 */
export class LatestIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #source: LatestSource<T>
  #free: (() => void) | undefined
  #held: (() => T) | undefined
  #failure: { readonly error: unknown } | undefined
  #ended = false
  #waiters: Waiter<T>[] = []
  readonly #onAbort = (): void => this.end()

  constructor(source: LatestSource<T>) {
    this.#source = source
  }

  /** Gives the next value, made only when somebody takes it. */
  offer(make: () => T): void {
    if (this.#ended) return
    const waiter = this.#waiters.shift()
    if (waiter !== undefined) return this.#settle(waiter, make)
    const { join } = this.#source
    const held = this.#held
    this.#held = held === undefined || join === undefined ? make : () => join(held(), make())
  }

  /** Ends the iteration with an error, once what is held was taken. */
  fail(error: unknown): void {
    if (this.#ended) return
    const waiter = this.#waiters.shift()
    if (waiter === undefined) this.#failure = { error }
    else waiter.reject(error)
    this.#finish()
  }

  /** Ends the iteration; what is held is dropped. */
  end(): void {
    this.#held = undefined
    this.#failure = undefined
    if (!this.#ended) this.#finish()
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#free === undefined && !this.#ended) this.#begin()
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject }
      const held = this.#held
      this.#held = undefined
      if (held !== undefined) this.#settle(waiter, held)
      else if (this.#failure !== undefined) this.#rejectOnce(waiter, this.#failure.error)
      else if (this.#ended) resolve({ done: true, value: undefined })
      else this.#waiters.push(waiter)
    })
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  throw(error: unknown): Promise<IteratorResult<T, undefined>> {
    this.end()
    return Promise.reject(error)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #begin(): void {
    const { signal } = this.#source
    if (signal?.aborted === true) return this.end()
    signal?.addEventListener('abort', this.#onAbort, { once: true })
    const free = this.#source.start(this)
    // The source may have ended or failed while it started.
    if (this.#ended) free()
    else this.#free = free
  }

  #settle(waiter: Waiter<T>, make: () => T): void {
    try {
      waiter.resolve({ done: false, value: make() })
    } catch (error) {
      waiter.reject(error)
      this.end()
    }
  }

  #rejectOnce(waiter: Waiter<T>, error: unknown): void {
    this.#failure = undefined
    waiter.reject(error)
  }

  #finish(): void {
    this.#ended = true
    this.#source.signal?.removeEventListener('abort', this.#onAbort)
    this.#free?.()
    this.#free = undefined
    const waiters = this.#waiters
    this.#waiters = []
    for (const { resolve } of waiters) resolve({ done: true, value: undefined })
  }
}
