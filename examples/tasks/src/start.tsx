import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { connect } from 'spicetime'
import type { RuntimeClient } from 'spicetime'
import { connectDevnet } from './devnet-networks.js'
import { Failure } from './ui/failure.js'

interface StartProps {
  /** Drawn once the runtime is there. */
  readonly children: (runtime: RuntimeClient) => ComponentChildren
  /** Default: `connect` of the package. */
  readonly connectTo?: () => Promise<RuntimeClient>
}

/** Connects to the runtime and says why when that does not work. */
export function Start({ children, connectTo = connect }: StartProps): JSX.Element {
  const [runtime, setRuntime] = useState<RuntimeClient | undefined>(undefined)
  const [failure, setFailure] = useState<unknown>(undefined)
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    setFailure(undefined)
    connectTo().then((connected) => {
      setRuntime(connected)
      // The board works without; a devnet that can't be used is its developer's to see.
      connectDevnet(connected).catch(reportError)
    }, setFailure)
  }, [attempt])
  if (failure !== undefined) {
    return (
      <div class="board start-failure">
        <Failure what="The board could not be opened." error={failure} onRetry={() => setAttempt(attempt + 1)} />
      </div>
    )
  }
  if (runtime === undefined) return <div class="board" aria-busy="true" />
  return <>{children(runtime)}</>
}
