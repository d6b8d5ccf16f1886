/** A Solana cluster on loopback that someone started: the embedded devnet, or the real validator. Tests that need no switch take either. */
export interface SolanaPeer {
  readonly kind: 'embedded' | 'validator'
  /** JSON-RPC over HTTP, as in `new Connection(url)`. Its port is one below that of `websocketUrl`, as libraries expect. */
  readonly url: string
  readonly websocketUrl: string
  /** Waits (or, in manual mode, makes) that many slots more. Resolves when the newest of them is processed. */
  step(slots?: number): Promise<void>
  /** Ends it; what was started for it is gone afterwards. A directory that was named stays. */
  close(): Promise<void>
}
