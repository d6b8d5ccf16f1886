import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useBoard } from '../board/session.js'
import { Attachments } from '../files/attachments.js'
import { usePending } from '../hooks/use-pending.js'
import { cleanTitle, MAX_NAME, MAX_TITLE } from '../model/task.js'
import type { Task } from '../model/task.js'
import { NotesField } from '../notes/notes-field.js'
import { GrowingText } from '../ui/growing-text.js'
import { CloseIcon, TrashIcon } from '../ui/icons.js'
import { ClaimField } from './claim-field.js'
import { AssigneeField, DueField, StatusField } from './task-fields.js'

/** The open task: every field is saved when it is left. */
export function TaskSheet({ task }: { readonly task: Task }): JSX.Element {
  const { session, setView, focusCard } = useBoard()
  const pending = usePending(session, task)
  const sheet = useRef<HTMLElement>(null)
  useEffect(() => {
    sheet.current?.querySelector<HTMLTextAreaElement>('.sheet-title')?.focus({ preventScroll: true })
  }, [])
  const close = (): void => {
    leaveField()
    setView({ open: undefined })
    focusCard(task.id)
  }
  const remove = (): void => {
    leaveField()
    setView({ open: undefined })
    void session.actions.remove(task.id)
  }
  return (
    <section
      class="sheet"
      ref={sheet}
      role="dialog"
      aria-label={`Task: ${task.title}`}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return
        event.preventDefault()
        event.stopPropagation()
        close()
      }}
    >
      <header class="sheet-head">
        <StatusField task={task} />
        <button type="button" class="button-icon" aria-label="Delete task" title="Delete task" onClick={remove}>
          <TrashIcon />
        </button>
        <button type="button" class="button-icon" aria-label="Close task" title="Close (Esc)" onClick={close}>
          <CloseIcon />
        </button>
      </header>
      <SheetBody task={task} />
      <SheetFoot
        task={task}
        state={!session.space.team ? 'Saved on this device' : pending ? 'Saved here, waiting for the network' : 'Saved'}
      />
    </section>
  )
}

/** Leaving a field saves it: before the task is closed or removed. */
function leaveField(): void {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
}

function SheetBody({ task }: { readonly task: Task }): JSX.Element {
  const edit = useBoard().session.actions
  return (
    <div class="sheet-body">
      <GrowingText
        class="sheet-title"
        label="Title"
        stored={task.title}
        maxLength={MAX_TITLE}
        oneLine
        onSave={(title) => {
          if (cleanTitle(title) !== '') void edit.edit(task.id, { title: cleanTitle(title) })
        }}
      />
      <div class="sheet-fields">
        <AssigneeField task={task} maxLength={MAX_NAME} />
        <DueField task={task} />
        <ClaimField task={task} />
      </div>
      <NotesField task={task} />
      <Attachments task={task} />
    </div>
  )
}

function SheetFoot({ task, state }: { readonly task: Task; readonly state: string }): JSX.Element {
  const created = task.createdAt === 0 ? undefined : new Date(task.createdAt)
  return (
    <footer class="sheet-foot">
      <span>{state}</span>
      {created !== undefined && (
        <time dateTime={created.toISOString()}>Created {created.toLocaleDateString(undefined, { dateStyle: 'medium' })}</time>
      )}
      {task.externalId !== undefined && <span title="Its id where it was imported from">{task.externalId}</span>}
    </footer>
  )
}
