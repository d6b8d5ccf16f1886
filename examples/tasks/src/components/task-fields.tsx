import type { JSX } from 'preact'
import { useId, useMemo } from 'preact/hooks'
import { useBoard } from '../board/session.js'
import { useDraft } from '../hooks/use-draft.js'
import { STATUS_LABELS, STATUSES } from '../model/task.js'
import type { Task } from '../model/task.js'
import { CloseIcon, StatusIcon } from '../ui/icons.js'

const SUGGESTIONS = 50

/** The status as one of three. */
export function StatusField({ task }: { readonly task: Task }): JSX.Element {
  const { session } = useBoard()
  const name = useId()
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">Status</legend>
      {STATUSES.map((status) => (
        <label key={status} class="segment">
          <input
            type="radio"
            name={name}
            checked={task.status === status}
            onChange={() => void session.actions.edit(task.id, { status })}
          />
          <StatusIcon status={status} />
          <span>{STATUS_LABELS[status]}</span>
        </label>
      ))}
    </fieldset>
  )
}

/** A name, with those already on the board offered. */
export function AssigneeField({ task, maxLength }: { readonly task: Task; readonly maxLength: number }): JSX.Element {
  const { session } = useBoard()
  const id = useId()
  const draft = useDraft(task.assignee, (assignee) => void session.actions.edit(task.id, { assignee: assignee.trim() }))
  const names = useMemo(() => {
    const known = new Set([...session.store.snapshot.arrangement.tasks.values()].map((other) => other.assignee))
    known.delete('')
    return [...known].sort((a, b) => a.localeCompare(b)).slice(0, SUGGESTIONS)
  }, [session])
  return (
    <div class="field">
      <label class="field-label" for={id}>
        Assignee
      </label>
      <input
        id={id}
        class="input"
        type="text"
        list={`${id}-names`}
        maxLength={maxLength}
        placeholder="Nobody"
        autoComplete="off"
        value={draft.text}
        onInput={(event) => draft.write(event.currentTarget.value)}
        onBlur={draft.flush}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.isComposing) draft.flush()
        }}
      />
      <datalist id={`${id}-names`}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </div>
  )
}

/** A date, or none. */
export function DueField({ task }: { readonly task: Task }): JSX.Element {
  const { session } = useBoard()
  const id = useId()
  const draft = useDraft(task.due ?? '', (due) => void session.actions.edit(task.id, { due: due === '' ? null : due }))
  return (
    <div class="field">
      <label class="field-label" for={id}>
        Due date
      </label>
      <div class="input-group">
        <input
          id={id}
          class="input"
          type="date"
          max="9999-12-31"
          value={draft.text}
          onInput={(event) => {
            // A date that is half typed reads as none.
            if (!event.currentTarget.validity.badInput) draft.write(event.currentTarget.value)
          }}
          onBlur={draft.flush}
        />
        {task.due !== null && (
          <button
            type="button"
            class="button-icon"
            aria-label="Clear due date"
            title="Clear due date"
            onClick={() => void session.actions.edit(task.id, { due: null })}
          >
            <CloseIcon />
          </button>
        )}
      </div>
    </div>
  )
}
