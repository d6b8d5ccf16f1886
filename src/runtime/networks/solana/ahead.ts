/** The same items, each of them asked for while the one before is being used. */
export async function* ahead<T>(items: AsyncIterator<T>): AsyncIterableIterator<T> {
  let next = items.next()
  try {
    for (;;) {
      const { value, done } = await next
      if (done === true) return
      next = items.next()
      // Whoever asks for it hears of its failure.
      next.catch(() => undefined)
      yield value
    }
  } finally {
    await items.return?.()
  }
}
