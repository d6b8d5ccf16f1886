/** The part of a BroadcastChannel that is used here. */
export interface Channel {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void
  close(): void
}

/** Joins the BroadcastChannel of that name. */
export type OpenChannel = (name: string) => Channel

export const browserChannel: OpenChannel = (name) => new BroadcastChannel(name)
