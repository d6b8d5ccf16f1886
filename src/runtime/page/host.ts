import type { ConnectionReport } from '../runtime-client.js'

/** Where the runtime runs, as a page reaches it: the SharedWorker now, an elected worker or the page itself later. */
export interface Host {
  readonly kind: ConnectionReport['kind']
  /** A new port to the runtime, starting it where needed. @throws SpiceTimeError WORKER_UNAVAILABLE */
  open(): HostPort
}

export interface HostPort {
  readonly port: MessagePort
  /** Calls back when the host could not start; returns its undo. */
  onFailure(listener: (reason: string) => void): () => void
}
