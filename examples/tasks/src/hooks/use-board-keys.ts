import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { KeyHandler } from '../board/key-handler.js'
import type { BoardContextValue } from '../board/session.js'
import type { Columns } from '../model/columns.js'

const OWN_KEYS = 'input, textarea, select, dialog, [role=menu], [contenteditable]'

/** Sends key presses on the board or on the bare page to the board, but not those in fields, dialogs, menus or what else is on the page. */
export function useBoardKeys(parts: BoardContextValue & { readonly shown: Columns }): { readonly current: KeyHandler } {
  const handler = useRef(new KeyHandler(parts))
  useLayoutEffect(() => {
    handler.current = new KeyHandler(parts)
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isForBoard(event) && handler.current.press(event)) event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return handler
}

function isForBoard(event: KeyboardEvent): boolean {
  const { target } = event
  if (event.defaultPrevented || event.isComposing || !(target instanceof Element)) return false
  const onPage = target === document.body
  if (!onPage && target.closest('.board') === null) return false
  if (target.closest(OWN_KEYS) !== null || document.querySelector('dialog[open]') !== null) return false
  // Buttons keep their own Enter and Space.
  return onPage || target.closest('.card') !== null || (event.key !== 'Enter' && event.key !== ' ')
}
