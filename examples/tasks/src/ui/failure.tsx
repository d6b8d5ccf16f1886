import type { JSX } from 'preact'
import { describe } from '../board/notices.js'
import { nextStep } from '../board/next-step.js'

interface FailureProps {
  /** What did not work, as a sentence. */
  readonly what: string
  readonly error: unknown
  readonly onRetry?: () => void
}

/** A failure in the runtime's own words, with its code and what to do next. */
export function Failure({ what, error, onRetry }: FailureProps): JSX.Element {
  const { message, code } = describe(error)
  const step = nextStep(code)
  return (
    <div class="failure" role="alert">
      <p>
        <strong>{what}</strong> {message}
      </p>
      <p class="failure-step">
        {step.text}
        {code !== undefined && <code>{code}</code>}
      </p>
      <p class="failure-actions">
        {onRetry !== undefined && (
          <button type="button" class="button" onClick={onRetry}>
            Try again
          </button>
        )}
        {step.reload && (
          <button type="button" class="button" onClick={() => location.reload()}>
            Reload the page
          </button>
        )}
      </p>
    </div>
  )
}
