import type { Diagnostic, RuntimeClient } from 'spicetime'
import { useEffect, useRef } from 'preact/hooks'
import { follow } from './follow.js'

export interface Changes {
  readonly concerns: (diagnostic: Diagnostic) => boolean
  readonly changed: () => void
}

/** Bursts, as of an import, ask the runtime this often at most. Milliseconds. */
const PAUSE = 250

/** Calls `changed` after the runtime did something of concern: once for a burst, at most four times a second, the last change never lost. */
export function useChanges(runtime: RuntimeClient, changes: Changes): void {
  // The newest callbacks, without subscribing anew for each render.
  const latest = useRef(changes)
  latest.current = changes
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const fire = (): void => {
      timer = undefined
      latest.current.changed()
    }
    const stop = follow({
      open: (signal) => runtime.watchDiagnostics({ signal }),
      next: (entries) => {
        if (entries.some(({ diagnostic }) => latest.current.concerns(diagnostic))) timer ??= setTimeout(fire, PAUSE)
      },
      // Asking again shows the reason in the view itself.
      failed: fire,
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [runtime])
}
