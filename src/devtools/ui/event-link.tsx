import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { shortId } from './format.js'

/** An id that can be copied, and opened when `onOpen` is given. */
export function EventLink({ id, onOpen }: { readonly id: string; readonly onOpen?: ((id: string) => void) | undefined }) {
  return (
    <span class="id">
      {onOpen === undefined ? (
        <span class="mono" title={id}>
          {shortId(id)}
        </span>
      ) : (
        <button type="button" class="link mono" title={id} onClick={() => onOpen(id)}>
          {shortId(id)}
        </button>
      )}
      <CopyButton text={id} />
    </span>
  )
}

type Outcome = 'copied' | 'failed' | undefined

/** Copies `text`; says for a moment whether it worked. */
export function CopyButton({ text }: { readonly text: string }) {
  const [outcome, setOutcome] = useState<Outcome>()
  useEffect(() => {
    if (outcome === undefined) return
    const timer = setTimeout(() => setOutcome(undefined), 1500)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = (): void => {
    copyText(text).then(
      () => setOutcome('copied'),
      () => setOutcome('failed'),
    )
  }
  return (
    <button type="button" class="copy" title={`Copy ${text}`} aria-label={`Copy ${shortId(text)}`} onClick={copy}>
      {outcome === 'copied' ? <Mark>Copied</Mark> : outcome === 'failed' ? <Mark>Not allowed</Mark> : <CopyIcon />}
    </button>
  )
}

async function copyText(text: string): Promise<void> {
  await navigator.clipboard.writeText(text)
}

function Mark({ children }: { readonly children: ComponentChildren }) {
  return <span role="status">{children}</span>
}

function CopyIcon() {
  return (
    <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.4">
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M10.5 3.5v-1h-8v8h1" />
    </svg>
  )
}
