import type { JSX } from 'preact'
import { memo } from '../ui/memo.js'
import { takeFocus } from '../ui/take-focus.js'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { dueLabel, nearness } from '../model/due-date.js'
import type { Task } from '../model/task.js'
import { CalendarIcon, ClaimIcon, NotesIcon } from '../ui/icons.js'

interface CardProps {
  readonly task: Task
  readonly today: string
  readonly focusable: boolean
  readonly open: boolean
  readonly held: boolean
  /** Takes the page's focus once drawn. */
  readonly wanted: { id: string | undefined }
  /** Still on its way to the team. */
  readonly pending: boolean
  /** Who has claimed it. */
  readonly holder: string | undefined
}

/** One task in a column. What it does on click and keys is the board's. */
export const Card = memo(function Card({ task, today, focusable, open, held, wanted, pending, holder }: CardProps): JSX.Element {
  const element = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (wanted.id !== task.id) return
    wanted.id = undefined
    if (element.current !== null) takeFocus(element.current)
  })
  return (
    <div
      ref={element}
      class={`card${open ? ' card-open' : ''}${held ? ' card-held' : ''}${task.status === 'done' ? ' card-done' : ''}`}
      role="button"
      tabIndex={focusable ? 0 : -1}
      aria-label={spokenName(task, today, { pending, holder })}
      aria-describedby="board-keys"
      aria-pressed={held ? true : undefined}
    >
      <div class="card-title">{task.title}</div>
      {pending && <span class="pending-dot" title="Saved on this device, waiting for the network" />}
      <CardMeta task={task} today={today} holder={holder} />
    </div>
  )
})

function CardMeta({ task, today, holder }: Pick<CardProps, 'task' | 'today' | 'holder'>): JSX.Element | null {
  if (task.due === null && task.assignee === '' && task.notes === '' && holder === undefined) return null
  const near = task.due === null ? undefined : task.status === 'done' ? 'later' : nearness(task.due, today)
  return (
    <div class="card-meta">
      {task.due !== null && (
        <span class={`due due-${near}`}>
          <CalendarIcon />
          {dueLabel(task.due, today)}
        </span>
      )}
      {task.notes !== '' && <NotesIcon />}
      {holder !== undefined && (
        <span class="claimed" title={`Claimed by ${holder}`}>
          <ClaimIcon />
          <span class="assignee-name">{holder}</span>
        </span>
      )}
      {task.assignee !== '' && (
        <span class="assignee" title={task.assignee}>
          <span class="avatar" aria-hidden="true">
            {initials(task.assignee)}
          </span>
          <span class="assignee-name">{task.assignee}</span>
        </span>
      )}
    </div>
  )
}

interface Marks {
  readonly pending: boolean
  readonly holder: string | undefined
}

function spokenName(task: Task, today: string, { pending, holder }: Marks): string {
  const parts = [task.title === '' ? 'Untitled' : task.title]
  if (task.due !== null) parts.push(`due ${dueLabel(task.due, today)}`)
  if (task.assignee !== '') parts.push(task.assignee)
  if (holder !== undefined) parts.push(`claimed by ${holder}`)
  if (pending) parts.push('waiting for the network')
  return parts.join(', ')
}

function initials(name: string): string {
  const words = name.split(/[\s._@-]+/).filter((word) => word !== '')
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => Array.from(word ?? '')[0] ?? '')
  return letters.join('').toUpperCase()
}
