import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { count } from './format.js'

interface BranchProps {
  readonly level: number
  readonly label: string
  /** The whole of a label that was shortened. */
  readonly title?: string
  /** Said beside the label, in the row itself. */
  readonly note?: ComponentChildren
  readonly open?: boolean
  /** Called only while the branch is open. */
  readonly children: () => ComponentChildren
}

/** A row that opens. What is below it is neither asked for nor rendered before. Right opens, Left closes or goes to the row above. */
export function Branch({ level, label, title = label, note, open: openAtFirst = false, children }: BranchProps) {
  const [open, setOpen] = useState(openAtFirst)
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowRight' && !open) setOpen(true)
    else if (event.key === 'ArrowLeft' && open) setOpen(false)
    else if (event.key === 'ArrowLeft') focusParent(event.currentTarget)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div class="branch" role="none">
      <button
        type="button"
        role="treeitem"
        class="row node"
        data-row
        tabIndex={-1}
        aria-expanded={open}
        aria-level={level}
        title={title}
        style={{ '--depth': level - 1 }}
        onClick={() => setOpen(!open)}
        onKeyDown={onKeyDown}
      >
        <span class="chevron" aria-hidden="true" />
        <span class="mono label">{label}</span>
        {note === undefined ? null : <span class="note">{note}</span>}
      </button>
      {open ? <div role="group">{children()}</div> : null}
    </div>
  )
}

/** A row that does not open. */
export function Leaf({ level, label, children }: { readonly level: number; readonly label: string; readonly children: ComponentChildren }) {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowLeft') return
    event.preventDefault()
    event.stopPropagation()
    focusParent(event.currentTarget)
  }
  return (
    <div
      class="row node leaf"
      role="treeitem"
      data-row
      tabIndex={-1}
      aria-level={level}
      style={{ '--depth': level - 1 }}
      onKeyDown={onKeyDown}
    >
      <span class="mono label">{label}</span>
      <span class="mono leaf-value">{children}</span>
    </div>
  )
}

/** What belongs to an open branch without being a row of the tree. */
export function Below({ level, children }: { readonly level: number; readonly children: ComponentChildren }) {
  return (
    <div class="below" role="none" style={{ '--depth': level - 1 }}>
      {children}
    </div>
  )
}

const STEP = 100
/** Rows of one list: beyond, a filter serves better than scrolling. */
const MOST = 1000

interface CappedProps<T> {
  readonly items: readonly T[]
  readonly level: number
  readonly render: (item: T) => ComponentChildren
}

/** A list of any length, a hundred at a time, at most a thousand. */
export function Capped<T>({ items, level, render }: CappedProps<T>) {
  const [limit, setLimit] = useState(STEP)
  const left = items.length - limit
  return (
    <>
      {items.slice(0, limit).map(render)}
      {left > 0 ? (
        <Below level={level}>
          {limit < MOST ? (
            <button type="button" class="link" onClick={() => setLimit(limit + STEP)}>
              Show {count(Math.min(STEP, left))} more of {count(left)}
            </button>
          ) : (
            <span class="quiet">{count(left)} more: filter by name to find one.</span>
          )}
        </Below>
      ) : null}
    </>
  )
}

function focusParent(from: EventTarget | null): void {
  if (!(from instanceof HTMLElement)) return
  const branch = from.matches('.leaf') ? from.closest('.branch') : from.closest('.branch')?.parentElement?.closest('.branch')
  branch?.querySelector<HTMLElement>('[data-row]')?.focus()
}
