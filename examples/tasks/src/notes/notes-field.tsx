import type { JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import { useBoard } from '../board/session.js'
import { MAX_NOTES } from '../model/task.js'
import type { Task } from '../model/task.js'
import { GrowingText } from '../ui/growing-text.js'
import { LiveNotes } from './live-notes.js'

/** A task's notes: written together where the board is a team's, a plain field on this device's own board and where the order decides. */
export function NotesField({ task }: { readonly task: Task }): JSX.Element {
  const { session } = useBoard()
  const [plain, setPlain] = useState(!session.space.team || session.space.ordered)
  const [opening, setOpening] = useState({ times: 1, focused: false })
  const id = useId()
  if (!plain) {
    return (
      <>
        <span class="field-label">Notes</span>
        <LiveNotes
          key={opening.times}
          session={session}
          task={task}
          focused={opening.focused}
          onRefused={() => setPlain(true)}
          onTooMuch={(focused) => setOpening(({ times }) => ({ times: times + 1, focused }))}
        />
      </>
    )
  }
  return (
    <>
      <label class="field-label" for={id}>
        Notes
      </label>
      <GrowingText
        id={id}
        class="sheet-notes"
        label="Notes"
        placeholder="Add notes"
        stored={task.notes}
        maxLength={MAX_NOTES}
        onSave={(notes) => void session.actions.edit(task.id, { notes })}
      />
    </>
  )
}
