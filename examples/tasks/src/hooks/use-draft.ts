import { useEffect, useRef, useState } from 'preact/hooks'

export interface Draft {
  readonly text: string
  readonly write: (text: string) => void
  /** Saves what was written since the last save. */
  readonly flush: () => void
}

/**
 * A field's text while it is being written. It is saved by `flush` (on blur), when the field goes away and when the page is hidden;
 * until then changes from elsewhere do not touch it.
 */
export function useDraft(stored: string, save: (text: string) => void): Draft {
  const [, redraw] = useState<object>({})
  const draft = useRef<string | undefined>(undefined)
  const saver = useRef(save)
  saver.current = save
  const flush = (): void => {
    const text = draft.current
    if (text === undefined) return
    draft.current = undefined
    saver.current(text)
    // What was not taken, an empty title say, must not stay in the field.
    redraw({})
  }
  useEffect(() => {
    const onHidden = (): void => {
      if (document.visibilityState === 'hidden') flush()
    }
    document.addEventListener('visibilitychange', onHidden)
    return () => {
      document.removeEventListener('visibilitychange', onHidden)
      flush()
    }
  }, [])
  const write = (text: string): void => {
    draft.current = text
    redraw({})
  }
  return { text: draft.current ?? stored, write, flush }
}
