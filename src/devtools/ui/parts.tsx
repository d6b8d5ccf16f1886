import { isSpiceTimeError } from 'spicetime'
import type { Level } from 'spicetime'
import type { ComponentChildren } from 'preact'

const LEVELS: readonly Level[] = ['local', 'sent', 'shared', 'confirmed', 'final']

/** How far an event got: five steps and the word. */
export function LevelMeter({ level }: { readonly level: Level }) {
  const rank = LEVELS.indexOf(level)
  return (
    <span class="level" title={`Level ${rank + 1} of ${LEVELS.length}`}>
      <span class="steps" aria-hidden="true">
        {LEVELS.map((step, index) => (
          <i key={step} class={index <= rank ? 'on' : ''} />
        ))}
      </span>
      {level}
    </span>
  )
}

export type Tone = 'plain' | 'good' | 'warn' | 'bad'

export function Tag({ tone = 'plain', children }: { readonly tone?: Tone; readonly children: ComponentChildren }) {
  return <span class={`tag ${tone}`}>{children}</span>
}

export function Section({
  title,
  note,
  children,
}: {
  readonly title: string
  readonly note?: string
  readonly children: ComponentChildren
}) {
  return (
    <section class="section" aria-label={title}>
      <h3>
        {title}
        {note === undefined ? null : <small>{note}</small>}
      </h3>
      {children}
    </section>
  )
}

/** One name and what is known under it. */
export function Fact({
  name,
  wide = false,
  children,
}: {
  readonly name: string
  readonly wide?: boolean
  readonly children: ComponentChildren
}) {
  return (
    <div class={wide ? 'fact wide' : 'fact'}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>
}

/** What went wrong, with its code and a way to try again. */
export function Failure({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const code = isSpiceTimeError(error) ? error.code : undefined
  return (
    <div class="failure" role="alert">
      {code === undefined ? null : <code>{code}</code>}
      <p>{error instanceof Error ? error.message : String(error)}</p>
      {onRetry === undefined ? null : (
        <button type="button" class="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}
