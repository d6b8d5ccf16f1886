import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { Network } from '../model/network.js'
import type { StatePath } from '../model/path.js'
import type { Receipt } from '../model/receipt.js'
import type { State } from '../model/state.js'
import type {
  Capabilities,
  NetworkFacts,
  NetworkProvider,
  NetworkStatus,
  ProviderContext,
  ProviderEvent,
  Quote,
  QuotedEvent,
  Update,
} from './provider.js'

export interface NotConnected {
  readonly network: Network
  readonly capabilities: Capabilities
  readonly quote: Quote
  /** One sentence: what is missing. */
  readonly missing: string
}

/** Stands in for a network that this device can't reach: says so, and lets deliveries queue until there is a real provider. */
export function createNotConnectedProvider(description: NotConnected): NetworkProvider {
  return new NotConnectedProvider(description)
}

class NotConnectedProvider implements NetworkProvider {
  readonly network: Network
  readonly capabilities: Capabilities
  readonly #quote: Quote
  readonly #reason: string
  #status: NetworkStatus

  constructor({ network, capabilities, quote, missing }: NotConnected) {
    this.network = network
    this.capabilities = capabilities
    this.#quote = quote
    this.#reason = `${missing} Deliveries queue durably on this device and go out once it is connected.`
    this.#status = { state: 'not-connected', reason: this.#reason, since: 0 }
  }

  start({ platform }: ProviderContext): Promise<void> {
    this.#status = { ...this.#status, since: platform.now() }
    return Promise.resolve()
  }

  stop(): Promise<void> {
    return Promise.resolve()
  }

  submitEvent(event: ProviderEvent): Promise<Receipt> {
    return Promise.reject(this.#refusal({ event: event.id }))
  }

  readState(path: StatePath): Promise<State> {
    return Promise.reject(this.#refusal({ path }))
  }

  /** There is nothing to pull from: ends at once, where it began. */
  async *syncUpdates(): AsyncIterable<Update> {
    yield* []
  }

  quote(_event: QuotedEvent): Quote {
    return this.#quote
  }

  status(): NetworkStatus {
    return this.#status
  }

  /** Its status never changes. */
  onStatus(): () => void {
    return () => undefined
  }

  onNews(): () => void {
    return () => undefined
  }

  facts(): NetworkFacts {
    return {}
  }

  #refusal(context: { readonly event?: string; readonly path?: string }): SpiceTimeError {
    return new SpiceTimeError('NETWORK_NOT_CONNECTED', `${this.network} is not connected: ${this.#reason}`, {
      network: this.network,
      ...context,
    })
  }
}
