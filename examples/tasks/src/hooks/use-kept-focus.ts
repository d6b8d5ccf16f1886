import { takeFocus } from '../ui/take-focus.js'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'

/**
 * Gives the focus back to the card that should have it when its element was taken off the page: a move to another column, an undo or a
 * change from elsewhere draws it anew, and the browser then drops the focus to the page.
 */
export function useKeptFocus(
  root: { readonly current: HTMLElement | null },
  wanted: { id: string | undefined },
  id: string | undefined,
): void {
  const onCard = useRef(false)
  useEffect(() => {
    const element = root.current
    if (element === null) return
    const onFocus = (event: FocusEvent): void => {
      onCard.current = event.target instanceof Element && event.target.closest('.card') !== null
    }
    const onBlur = ({ target, relatedTarget }: FocusEvent): void => {
      // Browsers may also say so when the element is being removed; only then is it gone a moment later.
      queueMicrotask(() => {
        if (relatedTarget !== null || (target instanceof Element && target.isConnected)) onCard.current = cardHasFocus(element)
      })
    }
    element.addEventListener('focusin', onFocus)
    element.addEventListener('focusout', onBlur)
    return () => {
      element.removeEventListener('focusin', onFocus)
      element.removeEventListener('focusout', onBlur)
    }
  }, [])
  useLayoutEffect(() => {
    if (!onCard.current || id === undefined || document.activeElement !== document.body) return
    const card = root.current?.querySelector<HTMLElement>(`[data-task="${CSS.escape(id)}"] .card`)
    // Not drawn yet: it takes the focus itself when it is.
    if (card === null || card === undefined) wanted.id = id
    else takeFocus(card)
  })
}

function cardHasFocus(element: Element): boolean {
  return document.activeElement?.closest('.card') !== null && element.contains(document.activeElement)
}
