/** What happens to the websocket server: `normal`, accepts and says nothing (`silent`), or `refused` (open ones are ended). */
export type WebsocketMode = 'normal' | 'silent' | 'refused'

/** What a request meets: it is lost before the node saw it, or the node did what was asked and its answer is lost. */
export type Loss = 'request' | 'answer'

/** Faults that tests switch on. All off at the start; each stays until it is set again. */
export interface Switches {
  /** Each answer over HTTP comes that many milliseconds late. */
  readonly delayMilliseconds: number
  /** Connections of the next requests are cut: how many (`'all'` until set again), and whether before or after the node acted. */
  readonly drop: { readonly requests: number | 'all'; readonly loss: Loss }
  /** HTTP 429 with `Retry-After` for the next requests; `undefined` bodies as public endpoints send them. */
  readonly rateLimit: { readonly requests: number | 'all'; readonly retryAfterSeconds: number }
  /** Delay, drop and rate limit meet these RPC methods alone; empty: all. A batch is met when one of its calls is. */
  readonly methods: readonly string[]
  /** The node takes no connection at all, as when it is stopped; slots go on in the meantime. */
  readonly down: boolean
  /** `getHealth` and `sendTransaction` answer -32005, that many slots behind. */
  readonly behindSlots: number | undefined
  /** Transactions are taken and answered, and never land: they are lost on the way to a leader. */
  readonly loseTransactions: boolean
  /** No slot becomes confirmed. */
  readonly stallConfirmation: boolean
  /** No slot becomes finalized. */
  readonly stallFinality: boolean
  readonly websocket: WebsocketMode
}

export const NO_FAULTS: Switches = {
  delayMilliseconds: 0,
  drop: { requests: 0, loss: 'request' },
  rateLimit: { requests: 0, retryAfterSeconds: 1 },
  methods: [],
  down: false,
  behindSlots: undefined,
  loseTransactions: false,
  stallConfirmation: false,
  stallFinality: false,
  websocket: 'normal',
}
