import { useEffect, useState } from 'preact/hooks'
import type { RuntimeClient } from 'spicetime'
import type { Tools } from './tools.js'
import { Tabs } from './ui/tabs.js'
import { useDocumentTheme } from './ui/theme.js'
import { DiagnosticsView } from './views/diagnostics.js'
import { EventsView } from './views/events.js'
import { NetworksView } from './views/networks.js'
import { StateView } from './views/state.js'
import { StorageView } from './views/storage.js'
import { TraceView } from './views/trace.js'

const VIEWS = ['State', 'Events', 'Trace', 'Networks', 'Storage', 'Diagnostics'] as const
type ViewName = (typeof VIEWS)[number]

/** The developer's window into the runtime. Only the shown view is subscribed to anything. */
export function Panel({ runtime }: { readonly runtime: RuntimeClient }) {
  const [view, setView] = useState<ViewName>('State')
  const [trail, setTrail] = useState<readonly string[]>([])
  const theme = useDocumentTheme()
  const openTrace = (id: string): void => {
    setTrail((last) => (last.at(-1) === id ? last : [...last, id]))
    setView('Trace')
  }
  const goBack = (): void => {
    setTrail((last) => last.slice(0, -1))
    if (trail.length <= 1) setView('Events')
  }
  const tools: Tools = { runtime, openTrace }
  return (
    <div class="panel" data-theme={theme}>
      <Tabs names={VIEWS} selected={view} onSelect={setView} />
      <div class="view" id="view" role="tabpanel" aria-labelledby={`tab-${view}`} key={view}>
        {view === 'State' ? <StateView {...tools} /> : null}
        {view === 'Events' ? <EventsView {...tools} /> : null}
        {view === 'Trace' ? <TraceView {...tools} id={trail.at(-1)} onBack={goBack} /> : null}
        {view === 'Networks' ? <NetworksView {...tools} /> : null}
        {view === 'Storage' ? <StorageView {...tools} /> : null}
        {view === 'Diagnostics' ? <DiagnosticsView {...tools} /> : null}
      </div>
      <Connection runtime={runtime} />
    </div>
  )
}

/** How this page reaches the runtime; a new generation means that the runtime was started anew. */
function Connection({ runtime }: { readonly runtime: RuntimeClient }) {
  const [connection, setConnection] = useState(runtime.connection)
  useEffect(() => runtime.onConnection(setConnection), [runtime])
  return (
    <footer class="foot">
      <span>{connection.kind.replace('-', ' ')}</span>
      {connection.state === 'connected' ? null : <span title={connection.error?.message}>{connection.state}</span>}
      {connection.storage === undefined ? null : <span title="Whether the browser keeps this device's data">{connection.storage}</span>}
      <span title="One life of the runtime; a new one when it was started again">
        generation <span class="mono">{connection.generation}</span>
      </span>
    </footer>
  )
}
