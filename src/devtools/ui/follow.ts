import { useEffect, useState } from 'preact/hooks'

/** What a view shows while it loads, once it has, and when it could not. */
export interface Loaded<T> {
  /** The last value; stays while a newer one is on its way. */
  readonly value: T | undefined
  readonly failure: unknown
  readonly retry: () => void
}

export interface Follower<T> {
  readonly open: (signal: AbortSignal) => AsyncIterable<T>
  readonly next: (value: T) => void
  readonly failed: (error: unknown) => void
}

/** Reads a stream until the returned function is called; then nothing is reported any more. */
export function follow<T>(follower: Follower<T>): () => void {
  const controller = new AbortController()
  void read(follower, controller.signal)
  return () => controller.abort()
}

async function read<T>(follower: Follower<T>, signal: AbortSignal): Promise<void> {
  try {
    for await (const value of follower.open(signal)) {
      if (signal.aborted) return
      follower.next(value)
    }
  } catch (error) {
    if (!signal.aborted) follower.failed(error)
  }
}

/** The newest value of a stream, subscribed for as long as the component is shown. `key` says what is watched. */
export function useStream<T>(open: (signal: AbortSignal) => AsyncIterable<T>, key: string): Loaded<T> {
  const [shown, setShown] = useState<{ readonly key: string; readonly value?: T; readonly failure?: unknown }>({ key })
  const [attempt, setAttempt] = useState(0)
  useEffect(
    () =>
      follow({
        open,
        next: (value) => setShown({ key, value }),
        failed: (failure) => setShown((last) => (last.key === key ? { ...last, failure } : { key, failure })),
      }),
    [key, attempt],
  )
  const current = shown.key === key
  return {
    value: current ? shown.value : undefined,
    failure: current ? shown.failure : undefined,
    retry: () => setAttempt((count) => count + 1),
  }
}

/** The answer to one question, asked again when `key` changes or on `retry`. */
export function useAnswer<T>(ask: (signal: AbortSignal) => Promise<T>, key: string): Loaded<T> {
  return useStream<T>(async function* once(signal) {
    yield await ask(signal)
  }, key)
}
