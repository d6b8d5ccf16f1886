import type { JSX } from 'preact'
import type { Notices } from '../board/notices.js'
import { useStore } from '../hooks/use-store.js'
import { CloseIcon } from './icons.js'

/** Toasts at the foot of the board, and the live region that says what happened. */
export function Toasts({ notices }: { readonly notices: Notices }): JSX.Element {
  const { notices: shown, spoken } = useStore(notices)
  return (
    <>
      <div class="visually-hidden" role="status" aria-live="polite" data-testid="spoken">
        <span key={spoken.count}>{spoken.text}</span>
      </div>
      <ul class="toasts" aria-label="Notices">
        {shown.map((notice) => (
          <li key={notice.id} class={`toast toast-${notice.kind}`} role={notice.kind === 'failure' ? 'alert' : 'status'}>
            <span class="toast-text">
              {notice.text} {notice.code !== undefined && <code title={notice.detail}>{notice.code}</code>}
            </span>
            {notice.action !== undefined && (
              <button
                type="button"
                class="toast-action"
                onClick={() => {
                  notice.action?.run()
                  notices.dismiss(notice.id)
                }}
              >
                {notice.action.label}
              </button>
            )}
            <button type="button" class="button-icon" aria-label="Dismiss" onClick={() => notices.dismiss(notice.id)}>
              <CloseIcon />
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}
