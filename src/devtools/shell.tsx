import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { connect } from 'spicetime'
import type { RuntimeClient } from 'spicetime'
import { connectDevnet } from '../../examples/tasks/src/devnet-networks.js'
import { mountBoard } from '../../examples/tasks/src/mount.js'
import { ConnectFailure } from './shell/connect-failure.js'
import { Layout } from './shell/layout.js'
import './shell/shell.css'

type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected'; readonly runtime: RuntimeClient }
  | { readonly kind: 'failed'; readonly error: unknown }

/** The installable app: the task board, and the devtools panel beside it. */
function Shell() {
  const [connection, setConnection] = useState<Connection>({ kind: 'connecting' })
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    setConnection({ kind: 'connecting' })
    connect().then(
      (runtime) => {
        setConnection({ kind: 'connected', runtime })
        // The app works without; a devnet that can't be used is its developer's to see.
        connectDevnet(runtime).catch(reportError)
      },
      (error: unknown) => setConnection({ kind: 'failed', error }),
    )
  }, [attempt])
  if (connection.kind === 'connecting') return <main class="shell-connecting" aria-busy="true" aria-label="Connecting to the runtime" />
  if (connection.kind === 'failed') return <ConnectFailure error={connection.error} onRetry={() => setAttempt(attempt + 1)} />
  return <Layout runtime={connection.runtime} mountApp={mountBoard} />
}

const page = document.querySelector('#app')
if (page !== null) render(<Shell />, page)
