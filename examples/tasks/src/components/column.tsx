import type { JSX } from 'preact'
import { memo } from '../ui/memo.js'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Virtualizer } from '@tanstack/virtual-core'
import { useBoard } from '../board/session.js'
import type { Held, Session } from '../board/session.js'
import { usePending } from '../hooks/use-pending.js'
import { useStore } from '../hooks/use-store.js'
import { useVirtual } from '../hooks/use-virtual.js'
import { STATUS_LABELS } from '../model/task.js'
import type { Status, Task } from '../model/task.js'
import { PlusIcon, StatusIcon } from '../ui/icons.js'
import { Card } from './card.js'
import { QuickAdd } from './quick-add.js'

interface ColumnProps {
  readonly status: Status
  readonly tasks: readonly Task[]
  /** Tasks of the column with the search laid aside. */
  readonly total: number
  readonly today: string
  /** The one card of the board that Tab reaches. */
  readonly reachable: string | undefined
}

const CARD_HEIGHT = 66
const GAP = 8

/** One status: its head, the field for a new task, and the cards in sight. */
export function Column({ status, tasks, total, today, reachable }: ColumnProps): JSX.Element {
  const { session, view } = useBoard()
  const scroller = useRef<HTMLDivElement>(null)
  const focusedAt = view.focused === undefined ? -1 : tasks.findIndex((task) => task.id === view.focused)
  const virtual = useVirtual({
    count: tasks.length,
    keyOf: (index) => tasks[index]?.id ?? String(index),
    scroller: () => scroller.current,
    estimate: CARD_HEIGHT,
    gap: GAP,
    keep: focusedAt,
  })
  useLayoutEffect(() => {
    if (focusedAt >= 0 && session.wanted.id !== undefined) virtual.scrollToIndex(focusedAt, { align: 'auto' })
  })
  const lifted = view.held?.by === 'pointer' ? view.held.id : undefined
  const gapFor = gaps(status, tasks, view.held)
  const label = STATUS_LABELS[status]
  const count = tasks.length === total ? total.toLocaleString() : `${tasks.length.toLocaleString()} of ${total.toLocaleString()}`
  return (
    <section class="column" data-column={status} aria-label={`${label}, ${count} ${total === 1 ? 'task' : 'tasks'}`}>
      <ColumnHead status={status} count={count} />
      {view.adding === status && <QuickAdd status={status} />}
      <div class="column-scroll" data-scroller ref={scroller}>
        <ul class="cards" aria-label={label} style={{ height: `${virtual.getTotalSize() + Math.max(0, gapFor(tasks.length))}px` }}>
          {virtual.getVirtualItems().map((item) => {
            const task = tasks[item.index]
            if (task === undefined) return null
            return (
              <li
                key={task.id}
                class={task.id === lifted ? 'row row-lifted' : 'row'}
                data-task={task.id}
                data-index={item.index}
                aria-posinset={item.index + 1}
                aria-setsize={tasks.length}
                ref={virtual.measureElement}
                style={{ transform: `translateY(${item.start + gapFor(item.index)}px)` }}
              >
                <Row
                  task={task}
                  today={today}
                  session={session}
                  reachable={task.id === reachable}
                  open={task.id === view.open}
                  held={task.id === view.held?.id}
                />
              </li>
            )
          })}
          <Indicator status={status} tasks={tasks} virtual={virtual} />
        </ul>
      </div>
    </section>
  )
}

function ColumnHead({ status, count }: { readonly status: Status; readonly count: string }): JSX.Element {
  const { setView } = useBoard()
  const label = `New task in ${STATUS_LABELS[status]}`
  return (
    <header class="column-head">
      <StatusIcon status={status} />
      <h2>{STATUS_LABELS[status]}</h2>
      <span class="count">{count}</span>
      <button type="button" class="button-icon" aria-label={label} title={label} onClick={() => setView({ adding: status })}>
        <PlusIcon />
      </button>
    </header>
  )
}

interface RowProps {
  readonly task: Task
  readonly today: string
  readonly session: Session
  readonly reachable: boolean
  readonly open: boolean
  readonly held: boolean
}

const Row = memo(function Row({ task, today, session, reachable, open, held }: RowProps): JSX.Element {
  const holder = useStore(session.claims).holders.get(task.id)
  const pending = usePending(session, task)
  return (
    <Card
      task={task}
      today={today}
      focusable={reachable}
      open={open}
      held={held}
      wanted={session.wanted}
      pending={pending}
      holder={holder === undefined ? undefined : session.claims.nameOf(holder)}
    />
  )
})

interface IndicatorProps {
  readonly status: Status
  readonly tasks: readonly Task[]
  readonly virtual: Virtualizer<HTMLElement, HTMLElement>
}

/**
 * How far each card of a column moves aside for the card on the pointer: those below its old place close up, those below its new one
 * make room.
 */
function gaps(status: Status, tasks: readonly Task[], held: Held | undefined): (index: number) => number {
  if (held?.by !== 'pointer' || held.height === undefined) return () => 0
  const room = held.height + GAP
  const own = tasks.findIndex((task) => task.id === held.id)
  const target = held.target?.status === status ? held.target.index : Infinity
  return (index) => {
    const after = own >= 0 && index > own
    const place = after ? index - 1 : index
    return (place >= target ? room : 0) - (after ? room : 0)
  }
}

/** The line where a card held by the keyboard would land. */
function Indicator({ status, tasks, virtual }: IndicatorProps): JSX.Element | null {
  const { held } = useBoard().view
  const target = held?.target
  if (held?.by !== 'keys' || target?.status !== status) return null
  const own = tasks.findIndex((task) => task.id === held.id)
  const index = own >= 0 && target.index >= own ? target.index + 1 : target.index
  const rows = virtual.measurementsCache
  const offset = rows[index]?.start ?? (rows.at(-1)?.end ?? -GAP / 2) + GAP
  return <li class="drop-line" role="presentation" style={{ transform: `translateY(${Math.max(0, offset - GAP / 2 - 1)}px)` }} />
}
