/** The part of a MessagePort that pages and hosts speak over, so that a BroadcastChannel can stand in for one. */
export interface WirePort {
  /** What can't be transferred over this port is copied instead. */
  postMessage(message: unknown, transfer?: Transferable[]): void
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void
  removeEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void
  /** Messages that came before are delivered now. */
  start(): void
  close(): void
}
