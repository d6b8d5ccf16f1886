import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** Focuses an element when it appears, so that the steps of a dialog hand the focus on. */
export function useFirstFocus<T extends HTMLElement>(): RefObject<T | null> {
  const element = useRef<T>(null)
  useLayoutEffect(() => element.current?.focus({ preventScroll: true }), [])
  return element
}
