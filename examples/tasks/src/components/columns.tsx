import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { Drag } from '../board/drag.js'
import { useBoard } from '../board/session.js'
import { useKeptFocus } from '../hooks/use-kept-focus.js'
import { useToday } from '../hooks/use-today.js'
import type { Columns as ColumnsOf } from '../model/columns.js'
import { positionOf, stepFocus } from '../model/focus.js'
import type { Position } from '../model/focus.js'
import { STATUSES } from '../model/task.js'
import { takeFocus } from '../ui/take-focus.js'
import { Column } from './column.js'

interface ColumnsProps {
  readonly shown: ColumnsOf
  readonly total: ColumnsOf
  readonly loading: boolean
  readonly onDrop: (id: string, target: Position) => void
}

/** The three columns, with dragging. */
export function Columns({ shown, total, loading, onDrop }: ColumnsProps): JSX.Element {
  const { session, view, setView, focusCard } = useBoard()
  const root = useRef<HTMLDivElement>(null)
  const dropped = useRef(onDrop)
  dropped.current = onDrop
  useEffect(() => {
    if (root.current === null) return
    return new Drag(root.current, {
      onTarget: (lifted) => setView({ held: lifted === undefined ? undefined : { ...lifted, by: 'pointer' } }),
      onDrop: (id, target) => dropped.current(id, target),
    }).attach()
    // `setView` is another function with each drawing, but does the same.
  }, [])
  // A card that is on the screen already is not drawn again, so it can't take the focus by itself.
  useLayoutEffect(() => {
    const { wanted } = session
    const card = wanted.id === undefined ? null : root.current?.querySelector<HTMLElement>(`[data-task="${CSS.escape(wanted.id)}"] .card`)
    if (card === null || card === undefined) return
    wanted.id = undefined
    takeFocus(card)
  })
  const today = useToday()
  const reachable = positionOf(shown, view.focused) === undefined ? stepFocus(shown, undefined, 'first') : view.focused
  useKeptFocus(root, session.wanted, reachable)
  return (
    <div
      class="columns"
      ref={root}
      role="group"
      aria-label="Tasks by status"
      aria-busy={loading}
      onClick={(event) => {
        const id = taskOf(event.target)
        if (id === undefined) return
        focusCard(id)
        setView({ open: id })
      }}
      onFocusIn={(event) => {
        const id = taskOf(event.target)
        if (id !== undefined && id !== view.focused) setView({ focused: id })
      }}
    >
      {STATUSES.map((status) => (
        <Column key={status} status={status} tasks={shown[status]} total={total[status].length} today={today} reachable={reachable} />
      ))}
    </div>
  )
}

function taskOf(target: EventTarget | null): string | undefined {
  return target instanceof Element ? target.closest<HTMLElement>('[data-task]')?.dataset['task'] : undefined
}
