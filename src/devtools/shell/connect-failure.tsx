import { isSpiceTimeError } from 'spicetime'
import type { ErrorCode } from 'spicetime'

/** What a person can do about it; for every other code the message itself says. */
const STEPS: { readonly [code in ErrorCode]?: string } = {
  WORKER_UNAVAILABLE: 'Open the page in a browser that has SharedWorker, over https or on localhost, and not in a private window.',
  WORKER_FAILED: 'Close the other tabs of this app, then try again. If that does not help, restart the browser.',
  PROTOCOL_MISMATCH: 'Another tab runs an older version. Close all tabs of this app, then open it again.',
  STORAGE_BLOCKED: 'Another tab holds an older version of the storage open. Close all other tabs of this app, then try again.',
  STORAGE_VERSION_NEWER: 'A newer version of the app wrote this storage. Reload to get that version; the data is intact.',
  STORAGE_FULL: 'Free some space on this device, then try again. What was saved before is intact.',
  STORAGE_UNAVAILABLE: 'Allow this site to store data: private windows and strict privacy settings forbid it.',
  CRYPTO_UNAVAILABLE: 'Open the page over https or on localhost, in a browser that is up to date.',
}

/** The page when there is no runtime: what happened, its code, and what to do. */
export function ConnectFailure({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  const code = isSpiceTimeError(error) ? error.code : undefined
  const step = code === undefined ? undefined : STEPS[code]
  return (
    <main class="shell-failure">
      <div role="alert">
        <h1>The runtime could not be started</h1>
        <p>{error instanceof Error ? error.message : String(error)}</p>
        {step === undefined ? null : <p>{step}</p>}
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
