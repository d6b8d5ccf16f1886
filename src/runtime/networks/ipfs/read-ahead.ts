/** Does the work for what comes, up to `most` of it at once, and yields the results in order. What is under way when the reader ends is left to itself. */
export async function* mapAhead<T, U>(source: AsyncIterable<T>, most: number, work: (item: T) => Promise<U>): AsyncGenerator<U> {
  const pending: Promise<U>[] = []
  for await (const item of source) {
    const doing = work(item)
    // Its failure is thrown when its turn comes.
    doing.catch(() => undefined)
    pending.push(doing)
    const next = pending.length >= most ? pending.shift() : undefined
    if (next !== undefined) yield await next
  }
  for (const next of pending) yield await next
}

/** Throws as soon as the signal says so, also while the source is waited for; the source is told to end. */
export async function* abortable<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal | undefined,
  failure: (reason: unknown) => Error,
): AsyncGenerator<T> {
  if (signal === undefined) {
    yield* source
    return
  }
  const iterator = source[Symbol.asyncIterator]()
  let abort = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(failure(signal.reason))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
  })
  aborted.catch(() => undefined)
  let ended = false
  try {
    while (true) {
      const next = await Promise.race([iterator.next(), aborted])
      if (next.done === true) return void (ended = true)
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', abort)
    // A source that is stuck in its own wait must not hold up who gave up on it.
    if (!ended) iterator.return?.().catch(() => undefined)
  }
}
