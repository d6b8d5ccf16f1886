import type { WirePort } from '../../workers/wire-port.js'

/** Where the runtime runs, as a page reaches it: a SharedWorker, a worker of one tab, or a page. */
export interface Host {
  /**
   * A new port to the host, which is started where needed.
   * @param silent the host that was there does not answer: start another one in its place
   * @throws SpiceTimeError WORKER_UNAVAILABLE where this browser can't
   */
  open(silent: boolean): Promise<HostPort>
  /** A port to whichever host owns the database. */
  openOwner(): Promise<HostPort>
  /** Whether there is another kind of host to try after this one could not start; it takes this one's place. */
  fallBack?(): boolean
  /**
   * The page is about to stand still, for how long nobody knows: what runs in it must not own the database meanwhile. Returns whether anything
   * ran in it, in which case the page needs a new port when it wakes.
   */
  rest?(): boolean
}

export interface HostPort {
  readonly port: WirePort
  /** Both ends of a new stream, where MessagePorts can't be sent over the port. */
  readonly streamEnds?: () => StreamEnds
  /** The host ran before: it answers at once, or it never will. */
  readonly running: boolean
  /** Calls back when the host could not start; returns its undo. */
  onFailure(listener: (reason: string) => void): () => void
  /** The host has answered, or was given up. */
  settled(): void
}

export interface StreamEnds {
  readonly near: WirePort
  /** What the host is sent of it: a port, or a name. */
  readonly far: MessagePort | string
}
