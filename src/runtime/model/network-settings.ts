/** What an app says of the networks it wants; a network that is not named stays unconnected. Plain data: it crosses the worker's port. */
export interface NetworkSettings {
  readonly solana?: SolanaSettings
  readonly holochain?: HolochainSettings
  /** Empty settings keep content on this device alone. */
  readonly ipfs?: IpfsSettings
}

/** Nobody is contacted but who is named here. */
export interface IpfsSettings {
  /** Multiaddrs of peers that this device connects to by WebSockets, with their peer ids: '/dns4/peer.example/tcp/443/wss/p2p/12D3…'. */
  readonly peers?: readonly string[]
  /** URLs of trustless gateways, asked for what no peer has; every block is checked. */
  readonly gateways?: readonly string[]
  /** Who keeps this device's content as well. */
  readonly pins?: readonly IpfsPinSettings[]
  /** How many of `pins` must hold content before it is final; default: all of them. */
  readonly pinsForFinal?: number
  /** Most bytes of others' content that stay on this device for reading again; default 256 MiB. */
  readonly cacheBytes?: number
  /** Milliseconds for one block from others; default 30,000. */
  readonly fetchDeadline?: number
}

export type IpfsPinSettings = IpfsKuboSettings | IpfsPinningServiceSettings

/** A Kubo of one's own, by its RPC. */
export interface IpfsKuboSettings {
  readonly kind: 'kubo'
  /** Of the RPC, such as 'http://127.0.0.1:5001'. */
  readonly url: string
  /** Sent as `Authorization: Bearer …`, where the RPC asks for one. */
  readonly token?: string
  /** What people call it; default: its host. */
  readonly name?: string
}

/** A service that speaks the IPFS Pinning Service API. */
export interface IpfsPinningServiceSettings {
  readonly kind: 'service'
  readonly url: string
  readonly token: string
  readonly name?: string
}

export interface HolochainSettings {
  /**
   * URL of who answers for this device's conductor: `networks/holochain/endpoint.ts` says what it is asked. `npm start` runs one.
   * `'page'`: the conductor that a page offers with `offerHolochainConductor`.
   */
  readonly endpoint: string
  /** Lets this app use the endpoint; a page's conductor has none. */
  readonly token?: string
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
