import { hostName, replaceName, workerName } from '../workers/protocol.js'
import { SpiceTimeError } from './errors/spice-time-error.js'
import type { Host, HostPort } from './page/host.js'
import type { PageLocks } from './platform/page-locks.js'
import type { Platform } from './platform/platform.js'

/** Milliseconds that a page waits while another one replaces a host. */
const TURN_BOUND = 2000

export interface SharedWorkerParts {
  /** The database's. */
  readonly name: string
  readonly platform: Platform
  readonly locks: PageLocks
  /** For bundlers that must see their own `new SharedWorker(…)` call; gives the worker the name that it is called with. */
  readonly make?: ((name: string) => SharedWorker) | undefined
}

/** The SharedWorker that every tab of an origin shares, one for each name. A wedged one is replaced by one of the next suffix. */
export function sharedWorkerHost(parts: SharedWorkerParts): Host {
  const { name, platform, locks } = parts
  let last = 0
  const connect = (suffix: number, known: { readonly running: boolean; readonly settled: () => void }): HostPort => {
    last = suffix
    const worker = start(workerName(name, suffix), parts.make)
    return {
      port: worker.port,
      ...known,
      onFailure(listener) {
        const onError = (event: Event): void =>
          listener(event instanceof ErrorEvent && event.message !== '' ? event.message : 'its script did not load')
        worker.addEventListener('error', onError)
        return () => worker.removeEventListener('error', onError)
      },
    }
  }
  return {
    async open(silent) {
      if (!silent) {
        const newest = await newestSuffix(locks, name)
        return connect(newest ?? 0, { running: newest !== undefined, settled: warmOwnerPort })
      }
      const wedged = last
      // One page replaces it; the others find its replacement.
      const settled = await locks.turn(replaceName(name), TURN_BOUND)
      try {
        const newest = (await newestSuffix(locks, name)) ?? 0
        return newest > wedged ? connect(newest, { running: true, settled }) : connect(newest + 1, { running: false, settled })
      } catch (error) {
        settled()
        throw error
      }
    },
    openOwner: async () => (await loadOwnerPort()).openOwnerPort(name, platform),
  }
}

function loadOwnerPort(): Promise<typeof import('./page/owner-port.js')> {
  return import('./page/owner-port.js')
}

/** Fetched while there is a connection, for the day on which the owner is elsewhere; whoever needs it then hears why it can't be had. */
function warmOwnerPort(): void {
  loadOwnerPort().catch(() => undefined)
}

/** Of the hosts that live; undefined when none does. */
async function newestSuffix(locks: PageLocks, name: string): Promise<number | undefined> {
  const prefix = hostName(name, 0).slice(0, -1)
  const suffixes = (await locks.held(prefix))
    .map((held) => Number(held.slice(prefix.length)))
    .filter((suffix) => Number.isSafeInteger(suffix))
  return suffixes.length === 0 ? undefined : Math.max(...suffixes)
}

function start(name: string, make: SharedWorkerParts['make']): SharedWorker {
  try {
    return (
      make?.(name) ??
      // `extendedLifetime`, which TypeScript does not know yet, keeps the worker warm over a reload of its last page. Nothing relies on it.
      new SharedWorker(new URL('../workers/runtime.shared-worker.ts', import.meta.url), {
        type: 'module',
        name,
        extendedLifetime: true,
      } as WorkerOptions)
    )
  } catch (error) {
    throw new SpiceTimeError(
      'WORKER_FAILED',
      'The browser refused to start the shared worker (its URL must be of this page’s origin and allowed by its security policy).',
      {},
      error,
    )
  }
}
