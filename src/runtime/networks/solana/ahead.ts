/** The same items, each of them asked for while the one before is being used. */
export async function* ahead<T>(items: AsyncIterator<T>): AsyncIterableIterator<T> {
  let next = items.next()
  try {
    for (;;) {
      const result = await next
      if (result.done === true) return
      next = items.next()
      // Whoever asks for it hears of its failure.
      next.catch(() => undefined)
      yield result.value
    }
  } finally {
    await items.return?.()
  }
}
