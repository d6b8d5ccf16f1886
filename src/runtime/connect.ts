import { installErrorsHandler } from '../workers/errors-handler.js'
import { SpiceTimeError } from './errors/spice-time-error.js'
import type { NetworkSettings } from './model/network-settings.js'
import { chosenHost } from './page/chosen-host.js'
import type { HostChoice } from './page/chosen-host.js'
import { createClient } from './page/client.js'
import { openLink } from './page/link.js'
import { Patience } from './page/patience.js'
import { PortTransport } from './page/port-transport.js'
import { browserPlatform } from './platform/browser.js'
import { pageLocks } from './platform/page-locks.js'
import type { RuntimeClient } from './runtime-client.js'
import { sharedWorkerHost } from './shared-worker-host.js'

export interface ConnectOptions {
  /** Names the database and its worker: connections with one name share one runtime. Default `spicetime`. Must not end in `~` and a number. */
  readonly name?: string
  /** Networks to connect to, for all tabs and durably, in place of what was said before; default: those. Waits until the runtime keeps them. */
  readonly networks?: NetworkSettings
  /** Calls off connecting; a connection that was made lives on. */
  readonly signal?: AbortSignal
  /** For bundlers that need to see `new SharedWorker(…)` in the app's own code. Must give the worker the name it is called with. */
  readonly worker?: (name: string) => SharedWorker
}

const DEFAULT_NAME = 'spicetime'

/**
 * Connects this page to the runtime that all tabs of its origin share, and starts it where it does not run yet.
 * @throws SpiceTimeError INPUT_MALFORMED, WORKER_UNAVAILABLE, WORKER_FAILED, PROTOCOL_MISMATCH, SETTINGS_MALFORMED, ABORTED
 * @example
 * const runtime = await connect()
 * await runtime.submitEvent({ path: 'me/tasks/1', op: 'put', value: { title: 'Ship it' } })
 */
export async function connect(options: ConnectOptions = {}): Promise<RuntimeClient> {
  installErrorsHandler()
  checkContext()
  warmStorage()
  const name = checkName(options.name ?? DEFAULT_NAME)
  const linkOptions = {
    host: chosenHost(choicesFor(name, options.worker)),
    platform: browserPlatform,
    locks: pageLocks,
    patience: new Patience(browserPlatform),
    signal: options.signal,
  }
  const link = await openLink(linkOptions)
  const transport = new PortTransport(linkOptions, link)
  transport.onClosed(followPage(transport))
  // Not needed to begin with; a page that can't load it works without.
  import('./page/keeping.js').then(({ watchOverData }) => watchOverData(name, transport, linkOptions.host)).catch(() => undefined)
  const client = createClient(transport)
  if (options.networks === undefined) return client
  try {
    await client.configureNetworks(options.networks, options.signal === undefined ? {} : { signal: options.signal })
    return client
  } catch (error) {
    await client.close()
    throw error
  }
}

/** From the best host on, by what the browser can do. The fallbacks are loaded where they are needed. */
function choicesFor(name: string, make: ConnectOptions['worker']): readonly HostChoice[] {
  const parts = { name, platform: browserPlatform, locks: pageLocks }
  return [
    () => (typeof SharedWorker === 'undefined' ? undefined : sharedWorkerHost({ ...parts, make })),
    async () => (typeof Worker === 'undefined' ? undefined : (await import('./elected-worker-host.js')).electedWorkerHost(parts)),
    async () => (await import('./in-page-host.js')).inPageHost(parts),
  ]
}

/** The worker that replaces a wedged one has the name with `~` and a number. */
function checkName(name: string): string {
  if (name !== '' && !/~\d+$/.test(name)) return name
  throw new SpiceTimeError('INPUT_MALFORMED', `'${name}' can't name a runtime: a name is not empty and does not end in '~' and a number.`)
}

function checkContext(): void {
  if (isSecureContext && 'locks' in navigator) return
  throw new SpiceTimeError(
    'WORKER_UNAVAILABLE',
    'This page is not a secure context, or its browser has no Web Locks. Open the app over https or on localhost, in a current browser.',
  )
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
