import { browserHost } from './browser-host.js'
import type { StartNamed } from './browser-host.js'
import { parseWorkerName } from './protocol.js'
import type { WorkerHost } from './worker-host.js'

const DEFAULT_NAME = 'spicetime'

/** What this needs of a SharedWorker's global scope. */
interface ConnectScope {
  readonly name?: unknown
  onconnect: ((event: MessageEvent) => void) | null
}

/**
 * Makes a SharedWorker serve the runtime whose database its name names. Must run while the worker's script is first evaluated, with no
 * top-level `await` before it: the first page's connect event is not repeated.
 */
export function serveSharedWorker(start: StartNamed): WorkerHost {
  const scope = globalThis as unknown as ConnectScope
  const host = browserHost({ ...parseWorkerName(String(scope.name || DEFAULT_NAME)), kind: 'shared-worker', start })
  scope.onconnect = (event) => {
    for (const port of event.ports) host.accept(port)
  }
  return host
}
