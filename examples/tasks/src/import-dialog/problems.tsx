import type { JSX } from 'preact'
import type { Problem } from '../import/table.js'

const SHOWN = 200

/** Every row that is left out or taken with a change, by line. */
export function Problems({ problems }: { readonly problems: readonly Problem[] }): JSX.Element | null {
  if (problems.length === 0) return null
  const skipped = problems.filter(({ kind }) => kind === 'skipped').length
  const changed = problems.length - skipped
  const parts = [skipped > 0 ? `${rows(skipped)} left out` : '', changed > 0 ? `${rows(changed)} taken with a change` : ''].filter(
    (part) => part !== '',
  )
  return (
    <section class="problems" aria-label="Rows with problems">
      <h3>{parts.join(', ')}</h3>
      <ol tabIndex={0} aria-label="Problems by line">
        {problems.slice(0, SHOWN).map(({ line, kind, reason }, index) => (
          <li key={index} class={`problem-${kind}`}>
            <span class="problem-line">Line {line}</span>
            <span>{reason}</span>
          </li>
        ))}
      </ol>
      {problems.length > SHOWN && (
        <p class="problems-more">
          The first {SHOWN} are shown.{' '}
          <button type="button" class="link" onClick={() => void navigator.clipboard.writeText(asText(problems))}>
            Copy all
          </button>
        </p>
      )}
    </section>
  )
}

function asText(problems: readonly Problem[]): string {
  return problems.map(({ line, kind, reason }) => `line ${line}, ${kind === 'skipped' ? 'left out' : 'changed'}: ${reason}`).join('\n')
}

function rows(count: number): string {
  return `${count.toLocaleString()} ${count === 1 ? 'row' : 'rows'}`
}
