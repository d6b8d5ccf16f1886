import { installErrorsHandler } from '../workers/errors-handler.js'
import { createClient } from './page/client.js'
import { openLink } from './page/link.js'
import { PortTransport } from './page/port-transport.js'
import { browserPlatform } from './platform/browser.js'
import { webLocks } from './platform/client-locks.js'
import type { RuntimeClient } from './runtime-client.js'
import { sharedWorkerHost } from './shared-worker-host.js'

export interface ConnectOptions {
  /** Names the database and its worker: connections with one name share one runtime. Default `spicetime`. */
  readonly name?: string
  /** Calls off connecting; a connection that was made lives on. */
  readonly signal?: AbortSignal
  /** For bundlers that need to see `new SharedWorker(…)` in the app's own code. Must use the same name for the worker. */
  readonly worker?: () => SharedWorker
}

const DEFAULT_NAME = 'spicetime'

/**
 * Connects this page to the runtime that all tabs of its origin share, and starts it where it does not run yet.
 * @throws SpiceTimeError WORKER_UNAVAILABLE, WORKER_FAILED, PROTOCOL_MISMATCH, ABORTED
 * @example
 * const runtime = await connect()
 * await runtime.submitEvent({ path: 'me/tasks/1', op: 'put', value: { title: 'Ship it' } })
 */
export async function connect(options: ConnectOptions = {}): Promise<RuntimeClient> {
  installErrorsHandler()
  warmStorage()
  const linkOptions = {
    host: sharedWorkerHost(options.name ?? DEFAULT_NAME, options.worker),
    platform: browserPlatform,
    locks: webLocks,
    signal: options.signal,
  }
  const link = await openLink(linkOptions)
  const transport = new PortTransport(linkOptions, link)
  transport.onClosed(followPage(transport))
  return createClient(transport)
}

/** The browser opens this origin's storage while the worker's process starts. Only a hint: what it answers is not needed. */
function warmStorage(): void {
  if (typeof indexedDB !== 'undefined' && 'databases' in indexedDB) indexedDB.databases().catch(() => undefined)
}

/** Tells the worker when the page goes, and connects anew when it comes back from the back/forward cache. */
function followPage(transport: PortTransport): () => void {
  const onHide = (): void => transport.leave()
  const onShow = (event: PageTransitionEvent): void => {
    // `renew` reports its own failure to every call and stream.
    if (event.persisted) void transport.renew()
  }
  addEventListener('pagehide', onHide)
  addEventListener('pageshow', onShow)
  return () => {
    removeEventListener('pagehide', onHide)
    removeEventListener('pageshow', onShow)
  }
}
