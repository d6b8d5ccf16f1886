import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { useBoard } from '../board/session.js'
import { cleanTitle, MAX_TITLE, STATUS_LABELS } from '../model/task.js'
import type { Status } from '../model/task.js'

/** A field that adds one task with each Enter, and goes with Esc. What was typed stays until it is saved. */
export function QuickAdd({ status }: { readonly status: Status }): JSX.Element {
  const { session, view, setView, focusCard } = useBoard()
  const field = useRef<HTMLInputElement>(null)
  const last = useRef<string | undefined>(undefined)
  // Before the next key press, which is the title's first letter.
  useLayoutEffect(() => field.current?.focus(), [])
  const add = async (): Promise<void> => {
    const input = field.current
    const title = cleanTitle(input?.value ?? '')
    if (input === null || title === '') return
    input.value = ''
    const id = await session.actions.create(title, status)
    if (id === undefined) input.value = title
    else last.current = id
  }
  const close = (): void => {
    setView({ adding: undefined })
    focusCard(last.current ?? view.focused)
  }
  return (
    <div class="quick-add">
      <input
        ref={field}
        type="text"
        aria-label={`New task in ${STATUS_LABELS[status]}`}
        placeholder="What needs doing?"
        maxLength={MAX_TITLE}
        enterKeyHint="done"
        autoComplete="off"
        onKeyDown={(event) => {
          if (event.isComposing) return
          if (event.key === 'Enter') void add()
          else if (event.key === 'Escape') close()
          else return
          event.preventDefault()
          event.stopPropagation()
        }}
        onBlur={() => {
          if (cleanTitle(field.current?.value ?? '') === '') setView({ adding: undefined })
        }}
      />
      <span class="quick-add-hint" aria-hidden="true">
        Enter adds · Esc closes
      </span>
    </div>
  )
}
