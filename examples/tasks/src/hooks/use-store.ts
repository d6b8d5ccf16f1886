import { useLayoutEffect, useState } from 'preact/hooks'

export interface Observable<T> {
  readonly snapshot: T
  subscribe(listener: () => void): () => void
}

/** The newest snapshot; draws again when it changes. */
export function useStore<T>(store: Observable<T>): T {
  const [, redraw] = useState<object>({})
  useLayoutEffect(() => {
    const shown = store.snapshot
    const undo = store.subscribe(() => redraw({}))
    // What changed between drawing and subscribing.
    if (store.snapshot !== shown) redraw({})
    return undo
  }, [store])
  return store.snapshot
}
