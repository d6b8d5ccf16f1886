import { decodeEvent } from '../codec/event-codec.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { ErrorCode } from '../errors/codes.js'
import type { Cursor } from '../model/cursor.js'
import type { EventId } from '../model/event.js'
import { LEVELS, levelRank } from '../model/network.js'
import type { Network } from '../model/network.js'
import { isWithin } from '../model/path.js'
import type { StatePath } from '../model/path.js'
import type { Receipt } from '../model/receipt.js'
import type { State } from '../model/state.js'
import type {
  Capabilities,
  NetworkFacts,
  NetworkProvider,
  NetworkStatus,
  ProviderEvent,
  ProviderSnapshots,
  Quote,
  QuotedEvent,
  Update,
} from '../networks/provider.js'
import { indexIn, movedTo } from './simulated-snapshots.js'
import type { SnapshotReader } from './simulated-snapshots.js'
import type { News, SimulatedMedium, SimulatedSettings, Standing } from './simulated-medium.js'

interface Abortable {
  readonly signal?: AbortSignal
}

/** One replica's way into a simulated network. */
export class SimulatedProvider implements NetworkProvider {
  readonly network: Network
  readonly capabilities: Capabilities
  /** Calls that were sent. */
  contacts = 0
  /** Of events and snapshots that it was given. */
  bytes = 0
  readonly snapshots?: ProviderSnapshots
  readonly #name: string
  readonly #settings: SimulatedSettings
  readonly #medium: SimulatedMedium
  readonly #listeners = new Set<(status: NetworkStatus) => void>()
  readonly #newsListeners = new Set<() => void>()
  readonly #underWay = new Set<() => void>()
  #started = false
  #away: string | undefined
  #status: NetworkStatus = { state: 'not-connected', reason: 'The simulated network is not started.', since: 0 }

  constructor(name: string, settings: SimulatedSettings, medium: SimulatedMedium) {
    this.#name = name
    this.#settings = settings
    this.#medium = medium
    const { network, requirements, ordering, maxEventBytes, batch, cost } = settings
    if (settings.snapshots !== undefined) this.snapshots = settings.snapshots.for(this.#reader())
    this.network = network
    this.capabilities = { requirements, ordering, maxEventBytes, cost: cost === 0 ? 'free' : 'per-event', batch }
  }

  start(): Promise<void> {
    this.#started = true
    this.#refresh()
    return Promise.resolve()
  }

  stop(): Promise<void> {
    this.#started = false
    this.#refresh()
    for (const callOff of this.#underWay) callOff()
    return Promise.resolve()
  }

  setAway(reason: string): void {
    this.#away = reason
    this.#refresh()
  }

  setBack(): void {
    this.#away = undefined
    this.#refresh()
  }

  async submitEvent(event: ProviderEvent, { signal }: Abortable = {}): Promise<Receipt> {
    this.#check(signal, event.id)
    if (event.bytes.length > this.#settings.maxEventBytes)
      throw this.#failure('NETWORK_REFUSED', `takes at most ${this.#settings.maxEventBytes} bytes, not ${event.bytes.length}`, event.id)
    const { platform, faults } = this.#settings
    const began = platform.monotonic()
    this.contacts++
    await this.#travel(signal)
    this.#checkReachable(event.id)
    if (platform.random() < faults.loss / 2) throw this.#failure('NETWORK_UNAVAILABLE', 'lost the call', event.id)
    const standing = this.#medium.take(this.#name, event)
    await this.#travel(signal)
    if (platform.random() < faults.loss / 2) throw this.#failure('NETWORK_UNAVAILABLE', 'took the call and lost the answer', event.id)
    return this.#receipt(event.id, standing, platform.monotonic() - began)
  }

  async *syncUpdates(since: Cursor, { signal }: Abortable = {}): AsyncIterable<Update> {
    const { batch } = this.#settings
    for (let from = indexIn(since); ;) {
      this.#check(signal)
      this.contacts++
      await this.#travel(signal)
      this.#checkReachable()
      const news = oneUpdate(this.#medium.news(this.#name).slice(from, from + batch))
      if (news.length === 0) return
      from += news.length
      const update = this.#update(news, movedTo(since, from))
      this.bytes += update.events.reduce((sum, bytes) => sum + bytes.length, 0)
      yield update
    }
  }

  readState(path: StatePath): Promise<State> {
    this.#check()
    const heads: EventId[] = []
    const standings = new Map<EventId, Standing>()
    for (const news of this.#medium.news(this.#name)) {
      if (news.kind === 'event' && isAt(news.event, path) && !heads.includes(news.event.id)) heads.push(news.event.id)
      if (news.kind === 'standing') standings.set(news.id, news.standing)
    }
    const rank = Math.min(...heads.map((id) => levelRank(standings.get(id)?.level ?? 'local')))
    const level = LEVELS[rank] ?? 'local'
    const newest = heads.at(-1)
    const at = this.#settings.platform.now()
    const networks = newest === undefined ? {} : { [this.network]: { level, reference: standings.get(newest)?.reference ?? '', at } }
    return Promise.resolve({ path, value: undefined, heads, level, pending: [], networks, updatedAt: newest === undefined ? 0 : at })
  }

  quote(_event: QuotedEvent): Quote {
    const { cost, faults } = this.#settings
    const [least, most] = faults.latency
    return { cost, latency: least + most, success: 1 - faults.loss }
  }

  status(): NetworkStatus {
    return this.#status
  }

  onStatus(listener: (status: NetworkStatus) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Only when a test says so: pulls alone bring what is new. */
  onNews(listener: () => void): () => void {
    this.#newsListeners.add(listener)
    return () => this.#newsListeners.delete(listener)
  }

  announce(): void {
    for (const listener of this.#newsListeners) listener()
  }

  facts(): NetworkFacts {
    return {}
  }

  #reader(): SnapshotReader {
    return {
      name: this.#name,
      eventsUntil: (cursor) =>
        this.#medium
          .news(this.#name)
          .slice(0, indexIn(cursor))
          .flatMap((one) => (one.kind === 'event' ? [one.event.id] : [])),
      onRead: (bytes) => (this.bytes += bytes),
    }
  }

  #refresh(): void {
    const now = this.#settings.platform.now()
    const next = this.#nextStatus()
    if (next.state === this.#status.state && next.reason === this.#status.reason) return
    this.#status = { ...next, since: now }
    for (const listener of this.#listeners) listener(this.#status)
  }

  #nextStatus(): Omit<NetworkStatus, 'since'> {
    if (!this.#started) return { state: 'not-connected', reason: 'The simulated network is not started.' }
    return this.#away === undefined ? { state: 'connected' } : { state: 'away', reason: this.#away }
  }

  #update(news: readonly News[], cursor: Cursor): Update {
    const { snapshots } = this.#settings
    return {
      events: news.flatMap((one) => (one.kind === 'event' && snapshots?.isCovered(cursor, one.event.id) !== true ? [one.event.bytes] : [])),
      receipts: news.flatMap((one) => (one.kind === 'standing' ? [this.#receipt(one.id, one.standing, 0)] : [])),
      retracted: news.flatMap((one) => (one.kind === 'retracted' ? [one.id] : [])),
      ...(news[0]?.kind === 'reset' ? { reset: true } : {}),
      cursor,
    }
  }

  #receipt(event: EventId, { level, reference, order }: Standing, latency: number): Receipt {
    const { platform, cost } = this.#settings
    return { event, network: this.network, level, reference, cost, at: platform.now(), latency, ...(order === undefined ? {} : { order }) }
  }

  #travel(signal: AbortSignal | undefined): Promise<void> {
    const { platform, faults } = this.#settings
    const [least, most] = faults.latency
    const delay = (least + platform.random() * (most - least)) / 2
    return new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        cancel()
        this.#underWay.delete(stopped)
        signal?.removeEventListener('abort', aborted)
        end()
      }
      const stopped = (): void => settle(() => reject(this.#failure('NETWORK_NOT_CONNECTED', 'was stopped')))
      const aborted = (): void => settle(() => reject(this.#failure('ABORTED', 'was told to call it off')))
      const cancel = platform.after(delay, () => settle(resolve))
      this.#underWay.add(stopped)
      signal?.addEventListener('abort', aborted)
    })
  }

  #check(signal?: AbortSignal, event?: EventId): void {
    if (!this.#started) throw this.#failure('NETWORK_NOT_CONNECTED', 'is not started', event)
    if (signal?.aborted === true) throw this.#failure('ABORTED', 'was told to call it off', event)
    if (this.#away !== undefined) throw this.#failure('NETWORK_UNAVAILABLE', `is away: ${this.#away}`, event)
  }

  #checkReachable(event?: EventId): void {
    if (this.#away !== undefined || !this.#medium.reachable(this.#name))
      throw this.#failure('NETWORK_UNAVAILABLE', 'does not answer', event)
  }

  #failure(code: ErrorCode, what: string, event?: EventId): SpiceTimeError {
    return new SpiceTimeError(code, `The simulated ${this.network} of '${this.#name}' ${what}.`, { network: this.network, event })
  }
}

/** An update names no order of its parts, so what follows a retraction is the next one's, and a reset comes first. */
function oneUpdate(news: readonly News[]): readonly News[] {
  const end = news.findIndex(
    (one, index) => index > 0 && (one.kind === 'reset' || (one.kind !== 'retracted' && news[index - 1]?.kind === 'retracted')),
  )
  return end < 0 ? news : news.slice(0, end)
}

/** What a network can read of an event: the path of a public one. */
function isAt({ bytes }: ProviderEvent, path: StatePath): boolean {
  const { payload } = decodeEvent(new Uint8Array(bytes))
  return payload.kind === 'open' && isWithin(payload.content.path, path)
}
