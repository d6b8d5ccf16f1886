import { useRef } from 'preact/hooks'

interface TabsProps<Name extends string> {
  readonly names: readonly Name[]
  readonly selected: Name
  readonly onSelect: (name: Name) => void
}

/** A tablist: arrow keys, Home and End select; only the selected tab is a stop of the Tab key. */
export function Tabs<Name extends string>({ names, selected, onSelect }: TabsProps<Name>) {
  const list = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = neighbour(names, selected, event.key)
    if (next === undefined) return
    event.preventDefault()
    event.stopPropagation()
    onSelect(next)
    list.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus()
  }
  return (
    <div ref={list} class="tabs" role="tablist" aria-label="Views of the runtime" onKeyDown={onKeyDown}>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-selected={name === selected}
          aria-controls="view"
          tabIndex={name === selected ? 0 : -1}
          onClick={() => onSelect(name)}
        >
          {name}
        </button>
      ))}
    </div>
  )
}

function neighbour<Name extends string>(names: readonly Name[], selected: Name, key: string): Name | undefined {
  const index = names.indexOf(selected)
  if (key === 'ArrowRight') return names[(index + 1) % names.length]
  if (key === 'ArrowLeft') return names.at(index - 1)
  if (key === 'Home') return names[0]
  return key === 'End' ? names.at(-1) : undefined
}
