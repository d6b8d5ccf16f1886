import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { useBoard } from '../board/session.js'
import { SearchIcon } from '../ui/icons.js'

/** Searches while one types; Esc empties it, the down arrow goes to the first match. */
export function SearchField({ found }: { readonly found: number | undefined }): JSX.Element {
  const { view, setView, session } = useBoard()
  const field = useRef<HTMLInputElement>(null)
  return (
    <div class={`search${view.query === '' ? '' : ' search-active'}`} role="search">
      <SearchIcon />
      <input
        id="board-search"
        ref={field}
        type="search"
        aria-label="Search tasks"
        placeholder="Search"
        autoComplete="off"
        spellcheck={false}
        value={view.query}
        onInput={(event) => setView({ query: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            setView({ query: '' })
            field.current?.blur()
          } else if (event.key === 'ArrowDown' || event.key === 'Enter') {
            document.querySelector<HTMLElement>('.card[tabindex="0"]')?.focus()
          } else return
          event.preventDefault()
          event.stopPropagation()
        }}
      />
      {found === undefined ? (
        <kbd aria-hidden="true">/</kbd>
      ) : (
        <span class="search-count" role="status">
          {found.toLocaleString()} <span class="visually-hidden">of {session.store.snapshot.arrangement.tasks.size} tasks match</span>
        </span>
      )}
    </div>
  )
}
