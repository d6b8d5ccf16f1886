import { browserPlatform } from '../runtime/platform/browser.js'
import { webLocks } from '../runtime/platform/client-locks.js'
import type { StartRuntime } from './runtime-service.js'
import { WorkerHost } from './worker-host.js'

/** What this needs of a SharedWorker's global scope. */
interface ConnectScope {
  onconnect: ((event: MessageEvent) => void) | null
  addEventListener(type: 'error', listener: (event: ErrorEvent) => void): void
  addEventListener(type: 'unhandledrejection', listener: (event: PromiseRejectionEvent) => void): void
}

/**
 * Makes a SharedWorker serve the runtime. Must run while the worker's script is first evaluated, with no top-level `await` before it: the
 * first page's connect event is not repeated.
 */
export function serveSharedWorker(start: StartRuntime): WorkerHost {
  const scope = globalThis as unknown as ConnectScope
  const host = new WorkerHost({ start, kind: 'shared-worker', platform: browserPlatform, locks: webLocks })
  scope.onconnect = (event) => {
    for (const port of event.ports) host.accept(port)
  }
  scope.addEventListener('error', (event) => host.reportUncaught('worker', event.error ?? event.message))
  scope.addEventListener('unhandledrejection', (event) => host.reportUncaught('worker', event.reason))
  return host
}
