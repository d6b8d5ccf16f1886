import { browserHost } from './browser-host.js'
import type { StartNamed } from './browser-host.js'
import type { WorkerHost } from './worker-host.js'

const DEFAULT_NAME = 'spicetime'

/** What this needs of a dedicated worker's global scope. */
interface MessageScope {
  readonly name?: unknown
  onmessage: ((event: MessageEvent) => void) | null
}

/**
 * Makes a dedicated worker serve the runtime whose database its name names: to its own tab over each port that it is sent, and while it
 * owns the database to other tabs over the owner's channel. Must run while the worker's script is first evaluated.
 */
export function serveWorker(start: StartNamed): WorkerHost {
  const scope = globalThis as unknown as MessageScope
  const host = browserHost({ name: String(scope.name || DEFAULT_NAME), kind: 'worker', start })
  scope.onmessage = (event) => {
    for (const port of event.ports) host.accept(port)
  }
  return host
}
