import { ownerName } from '../workers/protocol.js'
import { SpiceTimeError } from './errors/spice-time-error.js'
import type { Host, HostPort } from './page/host.js'
import { openOwnerPort } from './page/owner-port.js'
import type { PageLocks } from './platform/page-locks.js'
import type { Platform } from './platform/platform.js'

export interface ElectedParts {
  /** The database's. */
  readonly name: string
  readonly platform: Platform
  readonly locks: PageLocks
}

/** A worker of this tab, where there are no SharedWorkers: it serves all tabs while it owns the database; a tab that finds an owner starts none. */
export function electedWorkerHost(parts: ElectedParts): Host {
  let worker: Worker | undefined
  const drop = (): void => {
    worker?.terminate()
    worker = undefined
  }
  return {
    async open(silent) {
      if (silent) drop()
      if (worker === undefined && !silent && (await isOwned(parts))) return openOwnerPort(parts.name, parts.platform)
      const running = worker !== undefined
      worker ??= start(parts.name)
      return connect(worker, running)
    },
    // It stands still with its page, and may do so with a transaction open, which the next owner would wait behind: it ends.
    rest() {
      const ran = worker !== undefined
      drop()
      return ran
    },
    // Another tab was first: its worker serves this one too.
    async openOwner() {
      drop()
      return openOwnerPort(parts.name, parts.platform)
    },
  }
}

async function isOwned({ locks, name }: ElectedParts): Promise<boolean> {
  return (await locks.held(ownerName(name))).includes(ownerName(name))
}

function start(name: string): Worker {
  try {
    return new Worker(new URL('../workers/runtime.worker.ts', import.meta.url), { type: 'module', name })
  } catch (error) {
    throw new SpiceTimeError('WORKER_FAILED', 'The browser refused to start a worker.', {}, error)
  }
}

/** @param running it answers at once, or it died and never will */
function connect(worker: Worker, running: boolean): HostPort {
  const { port1, port2 } = new MessageChannel()
  worker.postMessage({ spicetime: 'port' }, [port2])
  return {
    port: port1,
    running,
    settled: () => undefined,
    onFailure(listener) {
      const onError = (event: ErrorEvent): void => listener(event.message === '' ? 'its script did not load' : event.message)
      worker.addEventListener('error', onError)
      return () => worker.removeEventListener('error', onError)
    },
  }
}
