import type { Cursor } from '../../model/cursor.js'
import { MAX_EVENT_BYTES } from '../../model/event.js'
import type { StatePath } from '../../model/path.js'
import type { Receipt } from '../../model/receipt.js'
import type { State } from '../../model/state.js'
import type { Platform } from '../../platform/platform.js'
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
} from '../provider.js'
import type { LocalLog, LoggedEvent } from './local-log.js'

/** Loaded with the first error: nothing is sent to this network, or pulled from it, in the ordinary course. */
const errors = (): Promise<typeof import('./local-errors.js')> => import('./local-errors.js')

/** The network that is always there: this device's own durable log. */
export function createLocalProvider(log: LocalLog): NetworkProvider {
  return new LocalProvider(log)
}

interface Abortable {
  readonly signal?: AbortSignal
}

const STOPPED: NetworkStatus = { state: 'not-connected', reason: 'The local network is not started; open the runtime first.', since: 0 }

class LocalProvider implements NetworkProvider {
  readonly network = 'local'
  readonly capabilities: Capabilities = {
    requirements: ['local'],
    ordering: 'none',
    maxEventBytes: MAX_EVENT_BYTES,
    cost: 'free',
    batch: 500,
  }
  readonly #log: LocalLog
  readonly #listeners = new Set<(status: NetworkStatus) => void>()
  #platform: Platform | undefined
  #status: NetworkStatus = STOPPED

  constructor(log: LocalLog) {
    this.#log = log
  }

  start({ platform }: ProviderContext): Promise<void> {
    if (this.#platform === undefined) {
      this.#platform = platform
      this.#setStatus({ state: 'connected', since: platform.now() })
    }
    return Promise.resolve()
  }

  stop(): Promise<void> {
    if (this.#platform !== undefined) {
      this.#setStatus({ ...STOPPED, since: this.#platform.now() })
      this.#platform = undefined
    }
    return Promise.resolve()
  }

  async submitEvent(event: ProviderEvent, { signal }: Abortable = {}): Promise<Receipt> {
    const platform = await this.#started(signal)
    const size = event.bytes.length
    if (size > MAX_EVENT_BYTES) throw (await errors()).tooLarge(event.id, size, MAX_EVENT_BYTES)
    const began = platform.monotonic()
    try {
      const position = (await this.#log.positionOf(event.id)) ?? (await this.#log.append(event))
      return receiptOf({ id: event.id, position }, { at: platform.now(), latency: platform.monotonic() - began })
    } catch (error) {
      throw (await errors()).localFailure(error, event.id)
    }
  }

  async readState(path: StatePath): Promise<State> {
    await this.#started()
    return await this.#log.stateOf(path)
  }

  async *syncUpdates(since: Cursor, { signal }: Abortable = {}): AsyncIterable<Update> {
    const platform = await this.#started(signal)
    for await (const events of this.#log.since(await positionIn(since))) {
      await this.#started(signal)
      const last = events.at(-1)
      if (last === undefined) continue
      const receipts = events.map((event) => receiptOf(event, { at: platform.now(), latency: 0 }))
      yield { events: events.map(({ bytes }) => bytes), receipts, retracted: [], cursor: String(last.position) as Cursor }
    }
  }

  quote(_event: QuotedEvent): Quote {
    return { cost: 0, latency: 1, success: 1 }
  }

  status(): NetworkStatus {
    return this.#status
  }

  onStatus(listener: (status: NetworkStatus) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Only this device writes its log. */
  onNews(): () => void {
    return () => undefined
  }

  facts(): NetworkFacts {
    return {}
  }

  /** @throws SpiceTimeError ABORTED, NETWORK_NOT_CONNECTED */
  async #started(signal?: AbortSignal): Promise<Platform> {
    if (signal?.aborted === true) throw (await errors()).calledOff(signal.reason)
    if (this.#platform === undefined) throw (await errors()).notStarted()
    return this.#platform
  }

  #setStatus(status: NetworkStatus): void {
    this.#status = status
    for (const listener of this.#listeners) listener(status)
  }
}

function receiptOf(
  { id, position }: Pick<LoggedEvent, 'id' | 'position'>,
  { at, latency }: { readonly at: number; readonly latency: number },
): Receipt {
  return { event: id, network: 'local', level: 'local', reference: String(position), cost: 0, at, latency }
}

/** @throws SpiceTimeError INPUT_MALFORMED */
async function positionIn(cursor: Cursor): Promise<number> {
  if (!/^\d{0,10}$/.test(cursor)) throw (await errors()).badCursor(cursor)
  return Number(cursor)
}
