import { vi } from 'vitest'
import { isSpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import type { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import { createClient } from '../../runtime/page/client.js'
import { openLink } from '../../runtime/page/link.js'
import type { LinkOptions } from '../../runtime/page/link.js'
import { Patience } from '../../runtime/page/patience.js'
import { PortTransport } from '../../runtime/page/port-transport.js'
import { nodePlatform } from '../../runtime/platform/node.js'
import type { RuntimeClient } from '../../runtime/runtime-client.js'
import type { PageLocks } from '../../runtime/platform/page-locks.js'
import { installErrorsHandler } from '../errors-handler.js'
import { lifeName } from '../protocol.js'
import type { StartRuntime } from '../runtime-service.js'
import { WorkerHost } from '../worker-host.js'
import type { WorkerHostOptions } from '../worker-host.js'
import { inProcessHost, MemoryLocks } from './in-process-host.js'
import { MemoryOrigin } from './memory-origin.js'
import type { MemoryContext } from './memory-origin.js'
import { StandInRuntime } from './stand-in-runtime.js'

export interface Page {
  readonly client: RuntimeClient
  readonly transport: PortTransport
}

export interface HostPlace {
  readonly name?: string
  readonly database?: number
  readonly context?: MemoryContext
  readonly inbox?: WorkerHostOptions['inbox']
}

/** A worker with a stand-in runtime, and pages that connect to it, in one process. */
export class StandInWorld {
  readonly platform = nodePlatform
  readonly runtime = new StandInRuntime()
  readonly locks = new MemoryLocks()
  readonly origin = new MemoryOrigin()
  readonly worker = this.host(() => Promise.resolve(this.runtime))
  readonly #opened: RuntimeClient[] = []

  /** A host of the world; each name has its own database. */
  host(start: StartRuntime, { name = 'spicetime', database = 1, context = this.origin.context(), inbox }: HostPlace = {}): WorkerHost {
    const locks = { ...context.locks, whenFree: this.locks.whenFree.bind(this.locks) }
    const { channels } = context
    const place = { name, database, locks, channels, ...(inbox === undefined ? {} : { inbox }) }
    return new WorkerHost({ kind: 'shared-worker', suffix: 0, start, platform: this.platform, ...place })
  }

  /** What `connect` does, with a host and locks of the test's own. */
  async page(worker: Pick<WorkerHost, 'accept'> = this.worker, options: Partial<LinkOptions> = {}): Promise<Page> {
    installErrorsHandler()
    const all = {
      host: inProcessHost(worker),
      platform: this.platform,
      locks: this.#pageLocks(),
      patience: new Patience(this.platform),
      ...options,
    }
    const transport = new PortTransport(all, await openLink(all))
    const client = createClient(transport)
    this.#opened.push(client)
    return { client, transport }
  }

  /** The locks of hosts are the origin's own. */
  #pageLocks(): PageLocks {
    const { locks, origin } = this
    const context = origin.context()
    return {
      hold: (name) => locks.hold(name),
      held: (prefix) => locks.held(prefix),
      turn: () => locks.turn(),
      whenFree: async (name, signal) => {
        if (!name.startsWith(lifeName(''))) return locks.whenFree(name, signal)
        const { release } = await origin.request(name, context, signal)
        release()
      },
    }
  }

  async close(): Promise<void> {
    for (const client of this.#opened) await client.close()
  }
}

/** A worker that refuses every page. */
export const refusingWorker: Pick<WorkerHost, 'accept'> = {
  accept(port) {
    const error = { name: 'SpiceTimeError', message: 'Reload.', code: 'PROTOCOL_MISMATCH' }
    port.addEventListener('message', () => port.postMessage({ spicetime: 'refused', error }))
    port.start()
  },
}

/** A worker that never says anything. */
export const silentWorker: Pick<WorkerHost, 'accept'> = { accept: (port) => port.start() }

/** The SpiceTimeError that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<SpiceTimeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isSpiceTimeError(error)) throw new Error(`expected a SpiceTimeError, got ${String(error)}`)
  return error
}

export function put(path: string, value: number): { path: string; op: 'put'; value: number } {
  return { path, op: 'put', value }
}

/** Waits for a state, not for a time. */
export function until(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 10_000, interval: 2 })
}
