import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { useDraft } from '../hooks/use-draft.js'

interface GrowingTextProps {
  readonly id?: string
  readonly class: string
  readonly label: string
  readonly stored: string
  readonly maxLength: number
  readonly placeholder?: string
  /** Enter leaves the field; line breaks that are pasted become blanks when it is saved. */
  readonly oneLine?: boolean
  readonly onSave: (text: string) => void
}

/** A text field as high as its text. */
export function GrowingText({
  id,
  label,
  stored,
  maxLength,
  placeholder,
  oneLine = false,
  onSave,
  ...rest
}: GrowingTextProps): JSX.Element {
  const element = useRef<HTMLTextAreaElement>(null)
  const draft = useDraft(stored, onSave)
  useLayoutEffect(() => {
    const area = element.current
    if (area === null || CSS.supports('field-sizing', 'content')) return
    area.style.height = 'auto'
    area.style.height = `${area.scrollHeight}px`
  }, [draft.text])
  return (
    <textarea
      ref={element}
      id={id}
      class={`growing ${rest.class}`}
      rows={1}
      aria-label={label}
      placeholder={placeholder}
      maxLength={maxLength}
      value={draft.text}
      onInput={(event) => draft.write(event.currentTarget.value)}
      onBlur={draft.flush}
      onKeyDown={(event) => {
        if (!oneLine || event.key !== 'Enter' || event.isComposing) return
        event.preventDefault()
        event.currentTarget.blur()
      }}
    />
  )
}
