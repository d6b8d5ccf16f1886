import type { JSX } from 'preact'
import { memo } from '../ui/memo.js'
import { takeFocus } from '../ui/take-focus.js'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { dueLabel, nearness } from '../model/due-date.js'
import type { Task } from '../model/task.js'
import { CalendarIcon, NotesIcon } from '../ui/icons.js'

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
}

/** One task in a column. What it does on click and keys is the board's. */
export const Card = memo(function Card({ task, today, focusable, open, held, wanted, pending }: CardProps): JSX.Element {
  const element = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (wanted.id !== task.id) return
    wanted.id = undefined
    if (element.current !== null) takeFocus(element.current)
  })
  const near = task.due === null ? undefined : task.status === 'done' ? 'later' : nearness(task.due, today)
  return (
    <div
      ref={element}
      class={`card${open ? ' card-open' : ''}${held ? ' card-held' : ''}${task.status === 'done' ? ' card-done' : ''}`}
      role="button"
      tabIndex={focusable ? 0 : -1}
      aria-label={spokenName(task, today, pending)}
      aria-describedby="board-keys"
      aria-pressed={held ? true : undefined}
    >
      <div class="card-title">{task.title}</div>
      {pending && <span class="pending-dot" title="Saved on this device, waiting for the team network" />}
      {(task.due !== null || task.assignee !== '' || task.notes !== '') && (
        <div class="card-meta">
          {task.due !== null && (
            <span class={`due due-${near}`}>
              <CalendarIcon />
              {dueLabel(task.due, today)}
            </span>
          )}
          {task.notes !== '' && <NotesIcon />}
          {task.assignee !== '' && (
            <span class="assignee" title={task.assignee}>
              <span class="avatar" aria-hidden="true">
                {initials(task.assignee)}
              </span>
              <span class="assignee-name">{task.assignee}</span>
            </span>
          )}
        </div>
      )}
    </div>
  )
})

function spokenName(task: Task, today: string, pending: boolean): string {
  const parts = [task.title === '' ? 'Untitled' : task.title]
  if (task.due !== null) parts.push(`due ${dueLabel(task.due, today)}`)
  if (task.assignee !== '') parts.push(task.assignee)
  if (pending) parts.push('waiting for the team network')
  return parts.join(', ')
}

function initials(name: string): string {
  const words = name.split(/[\s._@-]+/).filter((word) => word !== '')
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => Array.from(word ?? '')[0] ?? '')
  return letters.join('').toUpperCase()
}
