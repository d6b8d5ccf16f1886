import type { ComponentChildren, JSX } from 'preact'
import { CheckIcon } from './icons.js'

interface MenuItemProps {
  readonly onChoose: () => void
  readonly children: ComponentChildren
  /** For one of several choices. */
  readonly checked?: boolean
  readonly hint?: string
}

/** One line of a menu. */
export function MenuItem({ onChoose, children, checked, hint }: MenuItemProps): JSX.Element {
  const choice = checked === undefined ? { role: 'menuitem' as const } : { role: 'menuitemradio' as const, 'aria-checked': checked }
  return (
    <button type="button" class="menu-item" tabIndex={-1} {...choice} onClick={onChoose}>
      <span class="menu-label">{children}</span>
      {hint !== undefined && <span class="menu-hint">{hint}</span>}
      {checked === true && <CheckIcon />}
    </button>
  )
}
