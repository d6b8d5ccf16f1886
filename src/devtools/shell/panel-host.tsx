import { useEffect, useRef, useState } from 'preact/hooks'
import type { RuntimeClient } from 'spicetime'

/** Loads the panel when it is first opened, so that a closed one costs the page nothing, and mounts it. */
export function PanelHost({ runtime }: { readonly runtime: RuntimeClient }) {
  const host = useRef<HTMLDivElement>(null)
  const [failure, setFailure] = useState<unknown>()
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    let unmount: (() => void) | undefined
    let closed = false
    setFailure(undefined)
    import('../mount.js').then(
      ({ mountDevtools }) => {
        if (!closed && host.current !== null) unmount = mountDevtools(host.current, runtime)
      },
      (error: unknown) => setFailure(error),
    )
    return () => {
      closed = true
      unmount?.()
    }
  }, [runtime, attempt])
  return (
    <div class="shell-panel-host" ref={host}>
      {failure === undefined ? null : (
        <div class="shell-note" role="alert">
          <p>The panel could not be loaded. {failure instanceof Error ? failure.message : String(failure)}</p>
          <button type="button" class="shell-button" onClick={() => setAttempt(attempt + 1)}>
            Try again
          </button>
        </div>
      )}
    </div>
  )
}
