/** What an app says of the networks it wants; a network that is not named stays unconnected. Plain data: it crosses the worker's port. */
export interface NetworkSettings {
  readonly solana?: SolanaSettings
  readonly holochain?: HolochainSettings
}

export interface HolochainSettings {
  /** URL of who answers for this device's conductor: `networks/holochain/endpoint.ts` says what it is asked. `npm start` runs one. */
  readonly endpoint: string
  /** Lets this app use it. */
  readonly token: string
  /** Other nodes that must hold an event before it counts as confirmed; default 2. */
  readonly confirmedBy?: number
  /** As many, or more, before it is final; default 3. */
  readonly finalBy?: number
  /** New events of a space after which a member publishes a snapshot of it for those who come later; default 5,000. 0: never from here. */
  readonly snapshotEvery?: number
}

/** Clusters whose public endpoints are known by name. */
export const SOLANA_CLUSTERS = ['devnet', 'testnet', 'mainnet'] as const
export type SolanaCluster = (typeof SOLANA_CLUSTERS)[number]

export interface SolanaSettings {
  /** A cluster's name (`'devnet'`), or the URL or URLs of JSON-RPC endpoints that all serve one cluster, the preferred one first. */
  readonly cluster: string | readonly string[]
  /** URL of the endpoint for subscriptions; default: the first endpoint's, on the next port where it names one. */
  readonly websocket?: string
  /** Whether to ask the cluster's faucet for funds when the payer has none; default: only on devnet, testnet and loopback, and never for a wallet. */
  readonly faucet?: boolean
  /** Who pays: a key of this device's own (default), or the Wallet Standard wallet that a page offers. */
  readonly payer?: 'burner' | 'wallet'
  /** Most lamports above the base fee for one transaction; default 10,000. 0: never more than the base fee. */
  readonly maxPriorityFee?: number
}
