import { isSpiceTimeError } from 'spicetime'

/** A SpiceTimeError says itself what to do; of any other failure nothing is known. */
const UNKNOWN = 'Reload the page. If that does not help, close its other tabs and restart the browser.'

/** The page when there is no runtime: what happened, its code, and what to do. */
export function ConnectFailure({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  const code = isSpiceTimeError(error) ? error.code : undefined
  return (
    <main class="shell-failure">
      <div role="alert">
        <h1>The runtime could not be started</h1>
        <p>{error instanceof Error ? error.message : String(error)}</p>
        {code === undefined ? <p>{UNKNOWN}</p> : null}
        {code === undefined ? null : (
          <p class="shell-code">
            Code <code>{code}</code>
          </p>
        )}
      </div>
      <p class="shell-actions">
        <button type="button" class="shell-button primary" onClick={onRetry}>
          Try again
        </button>
        <button type="button" class="shell-button" onClick={() => location.reload()}>
          Reload the page
        </button>
      </p>
    </main>
  )
}
