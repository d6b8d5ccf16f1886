import { browserPlatform } from '../runtime/platform/browser.js'
import { webLocks } from '../runtime/platform/client-locks.js'
import { ownerLocks } from '../runtime/platform/owner-locks.js'
import { SCHEMA_VERSION } from '../runtime/storage/indexed-db/schema.js'
import { browserChannel } from './channel.js'
import type { HostKind } from './protocol.js'
import type { RuntimeService, StartContext } from './runtime-service.js'
import { WorkerHost } from './worker-host.js'

/** Starts the runtime on the database of that name. */
export type StartNamed = (name: string, context: StartContext) => Promise<RuntimeService>

export interface BrowserHostParts {
  readonly name: string
  readonly kind: HostKind
  readonly suffix?: number
  readonly start: StartNamed
}

/** What this needs of the global scope of a worker or a page. */
interface ErrorScope {
  addEventListener(type: 'error', listener: (event: ErrorEvent) => void): void
  addEventListener(type: 'unhandledrejection', listener: (event: PromiseRejectionEvent) => void): void
}

/** A host with the browser's own locks, channels and clocks. */
export function browserHost({ name, kind, suffix, start }: BrowserHostParts): WorkerHost {
  const host = new WorkerHost({
    name,
    kind,
    ...(suffix === undefined ? {} : { suffix }),
    database: SCHEMA_VERSION,
    start: (context) => start(name, context),
    platform: browserPlatform,
    locks: { ...webLocks, ...ownerLocks },
    channels: browserChannel,
    inbox: async (drained) => {
      const { InboxDrain } = await import('./inbox-drain.js')
      return new InboxDrain({ name, platform: browserPlatform, ...drained })
    },
  })
  // In a page they are the application's own.
  if (kind !== 'page') reportErrors(globalThis as unknown as ErrorScope, host)
  return host
}

function reportErrors(scope: ErrorScope, host: WorkerHost): void {
  scope.addEventListener('error', (event) => host.reportUncaught('worker', event.error ?? event.message))
  scope.addEventListener('unhandledrejection', (event) => host.reportUncaught('worker', event.reason))
}
