import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

interface PopoverProps {
  readonly label: string
  readonly button: ComponentChildren
  readonly buttonClass: string
  readonly align?: 'start' | 'end'
  /** `menu` moves by arrow keys over `[role^=menuitem]`. */
  readonly role: 'menu' | 'dialog'
  readonly children: (close: () => void) => ComponentChildren
}

/** A button with something that opens below it; Esc, a click elsewhere or leaving it close it. */
export function Popover({ label, button, buttonClass, align = 'start', role, children }: PopoverProps): JSX.Element {
  const [open, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const trigger = useRef<HTMLButtonElement>(null)
  const close = (): void => {
    setOpen(false)
    trigger.current?.focus()
  }
  useEffect(() => {
    if (!open) return
    if (role === 'menu') itemsOf(root.current)[0]?.focus()
    const onDown = (event: Event): void => {
      if (!event.composedPath().includes(root.current ?? document)) setOpen(false)
    }
    document.addEventListener('pointerdown', onDown)
    return () => document.removeEventListener('pointerdown', onDown)
  }, [open, role])
  const onKey = (event: KeyboardEvent): void => {
    if (!open) return
    if (event.key === 'Escape') close()
    else if (role !== 'menu' || !moveFocus(event.key, itemsOf(root.current))) return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div class="popover" ref={root} onKeyDown={onKey}>
      <button
        type="button"
        ref={trigger}
        class={buttonClass}
        aria-haspopup={role}
        aria-expanded={open}
        aria-label={label}
        title={label}
        onClick={() => setOpen(!open)}
      >
        {button}
      </button>
      {open && (
        <div class={`popover-panel popover-${align}`} role={role} aria-label={label}>
          {children(close)}
        </div>
      )}
    </div>
  )
}

function itemsOf(root: HTMLElement | null): HTMLElement[] {
  return [...(root?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])]
}

function moveFocus(key: string, items: readonly HTMLElement[]): boolean {
  const at = items.findIndex((item) => item === document.activeElement)
  const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[key]
  if (target === undefined) return false
  items.at(target % items.length)?.focus()
  return true
}
