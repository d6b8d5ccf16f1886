import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

interface RowsProps {
  readonly label: string
  readonly role?: 'tree' | 'group'
  readonly children: ComponentChildren
}

/** Rows (`data-row`) as one stop of the Tab key; the arrow keys, Home and End go from row to row. */
export function Rows({ label, role = 'group', children }: RowsProps) {
  const container = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = container.current
    if (element === null) return
    const observer = new MutationObserver(() => keepOneStop(element))
    observer.observe(element, { childList: true, subtree: true })
    keepOneStop(element)
    return () => observer.disconnect()
  }, [])
  const onFocus = (event: FocusEvent): void => {
    const row = rowOf(event.target)
    if (row === undefined || container.current === null) return
    for (const other of rowsIn(container.current)) other.tabIndex = other === row ? 0 : -1
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rowOf(event.target)
    if (row === undefined || container.current === null || event.altKey || event.ctrlKey || event.metaKey) return
    const target = neighbour(rowsIn(container.current), row, event.key)
    if (target === undefined) return
    event.preventDefault()
    event.stopPropagation()
    target.focus()
  }
  return (
    <div ref={container} class="rows" role={role} aria-label={label} onFocusIn={onFocus} onKeyDown={onKeyDown}>
      {children}
    </div>
  )
}

function rowsIn(element: HTMLElement): HTMLElement[] {
  return [...element.querySelectorAll<HTMLElement>('[data-row]')]
}

function rowOf(target: EventTarget | null): HTMLElement | undefined {
  return target instanceof HTMLElement && target.matches('[data-row]') ? target : undefined
}

/** Rows come and go: one of them, the first if the last focused one went, stays reachable by Tab. */
function keepOneStop(element: HTMLElement): void {
  const rows = rowsIn(element)
  const first = rows[0]
  if (first !== undefined && !rows.some((row) => row.tabIndex === 0)) first.tabIndex = 0
}

function neighbour(rows: readonly HTMLElement[], row: HTMLElement, key: string): HTMLElement | undefined {
  const index = rows.indexOf(row)
  if (key === 'ArrowDown') return rows[index + 1]
  if (key === 'ArrowUp') return rows[index - 1]
  if (key === 'Home') return rows[0]
  return key === 'End' ? rows.at(-1) : undefined
}
