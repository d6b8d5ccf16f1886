import type { JSX } from 'preact'
import { useFirstFocus } from '../hooks/use-first-focus.js'
import { Failure } from '../ui/failure.js'

export interface Outcome {
  readonly written: number
  readonly total: number
  /** What stopped it; undefined when it was finished or cancelled. */
  readonly failure: unknown
}

interface WritingStepProps {
  readonly written: number
  readonly total: number
  readonly onCancel: () => void
}

/** How far the import is. */
export function WritingStep({ written, total, onCancel }: WritingStepProps): JSX.Element {
  const cancel = useFirstFocus<HTMLButtonElement>()
  return (
    <div class="dialog-body">
      <p class="lead" aria-live="off">
        {written.toLocaleString()} of {total.toLocaleString()} tasks saved
      </p>
      <progress max={total} value={written} aria-label="Import" />
      <div class="dialog-actions">
        <button type="button" class="button" ref={cancel} onClick={onCancel}>
          Cancel
        </button>
      </div>
    </div>
  )
}

interface DoneStepProps {
  readonly outcome: Outcome
  readonly onClose: () => void
  readonly onAgain: () => void
}

/** What came of it. */
export function DoneStep({ outcome: { written, total, failure }, onClose, onAgain }: DoneStepProps): JSX.Element {
  const close = useFirstFocus<HTMLButtonElement>()
  const whole = written === total
  return (
    <div class="dialog-body">
      <p class="lead" role="status">
        {whole
          ? `${total.toLocaleString()} ${total === 1 ? 'task' : 'tasks'} imported.`
          : `${written.toLocaleString()} of ${total.toLocaleString()} tasks imported. Import the file again for the rest: those that are here are skipped.`}
      </p>
      {failure !== undefined && <Failure what="The import stopped." error={failure} />}
      <div class="dialog-actions">
        {!whole && (
          <button type="button" class="button" onClick={onAgain}>
            Import again
          </button>
        )}
        <button type="button" class="button button-primary" ref={close} onClick={onClose}>
          Close
        </button>
      </div>
    </div>
  )
}
