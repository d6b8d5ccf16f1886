import { browserHost } from './browser-host.js'
import { startRuntime } from './start-runtime.js'
import type { WirePort } from './wire-port.js'
import type { WorkerHost } from './worker-host.js'

/** The hosts of this page, by the name of their database. */
const hosts = new Map<string, WorkerHost>()

/**
 * Runs the runtime in this page, for browsers that allow no workers: it serves this page, and while it owns the database other tabs over the
 * owner's channel. Each call gives another port to the same host.
 */
export async function servePage(name: string): Promise<{ readonly port: WirePort }> {
  const host = hosts.get(name) ?? start(name)
  const { port1, port2 } = new MessageChannel()
  host.accept(port2)
  return { port: port1 }
}

/** Lets go of the database: a page that stands still answers pings in some browsers, and finishes nothing. Returns whether it had a host. */
export function restPage(name: string): boolean {
  const host = hosts.get(name)
  host?.letGo()
  return host !== undefined
}

function start(name: string): WorkerHost {
  const host = browserHost({ name, kind: 'page', start: startRuntime })
  hosts.set(name, host)
  return host
}
