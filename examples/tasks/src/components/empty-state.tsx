import type { JSX } from 'preact'
import { useBoard } from '../board/session.js'

/** What a board without tasks shows: what it is, and the three ways to begin. */
export function EmptyState({ onImport }: { readonly onImport: () => void }): JSX.Element {
  const { session, setView } = useBoard()
  const { space } = session
  return (
    <div class="empty">
      <h2>No tasks yet</h2>
      <p>
        {space.team
          ? 'Everyone who has this board’s link will see the tasks you add here. They are encrypted before they leave this device.'
          : 'What you add here stays on this device. It is there offline, in every tab, and after a restart.'}
      </p>
      <div class="empty-actions">
        <button type="button" class="button button-primary" onClick={() => setView({ adding: 'todo' })}>
          Add the first task <kbd>N</kbd>
        </button>
        <button type="button" class="button" onClick={onImport}>
          Import CSV or JSON
        </button>
      </div>
      <dl class="empty-hints">
        <div>
          <dt>
            <kbd>↑</kbd> <kbd>↓</kbd> <kbd>←</kbd> <kbd>→</kbd>
          </dt>
          <dd>go from card to card</dd>
        </div>
        <div>
          <dt>
            <kbd>Alt</kbd> and arrows
          </dt>
          <dd>move a card</dd>
        </div>
        <div>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>all keys</dd>
        </div>
      </dl>
    </div>
  )
}
