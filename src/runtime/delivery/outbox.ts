import type { Decision, Delivery, Leg } from '../model/decision.js'
import type { Network } from '../model/network.js'
import type { Store } from '../storage/store.js'
import type { DecisionBook } from './decision-book.js'
import { awaited } from './decision-maker.js'
import { deliveryKeys, positionIn } from './delivery-keys.js'
import { decodeEnded, decodeQueued, decodeRecord } from './delivery-rows.js'
import type { DeliveryRecord, QueuedRow } from './delivery-rows.js'

/** An event's deliveries as stored, those of this device aside. */
export interface StoredDeliveries {
  readonly record: DeliveryRecord
  readonly legs: readonly Leg[]
  /** One for each network that the event goes to, in the order of the legs. */
  readonly deliveries: readonly StoredDelivery[]
}

export interface StoredDelivery {
  readonly leg: Leg
  readonly delivery: Delivery
  /** It waits in the queue, not for another leg. */
  readonly queued: boolean
}

const MAX_RUNS = 16

/** Reads what is stored of deliveries. */
export class Outbox {
  readonly #store: Store
  readonly #book: DecisionBook
  /** Runs of local events that were read lately: lists of events ask for one after the other. */
  readonly #runs: DeliveryRecord[] = []

  constructor(store: Store, book: DecisionBook) {
    this.#store = store
    this.#book = book
  }

  /** After a transaction failed: what was read of it is gone. */
  forget(): void {
    this.#runs.length = 0
  }

  /** Undefined for an event that is not this device's own. */
  async recordOf(position: number): Promise<DeliveryRecord | undefined> {
    const cached = this.#runs.find((run) => run.first <= position && position <= run.last)
    if (cached !== undefined) return cached
    const row = await this.#store.get(deliveryKeys.record(position))
    return row === undefined ? await this.#runAround(position) : decodeRecord(position, row)
  }

  async decisionOf(position: number): Promise<Decision | undefined> {
    const record = await this.recordOf(position)
    const decision = record === undefined ? undefined : await this.#book.read(record.decision)
    return record === undefined || decision === undefined ? undefined : { ...decision, at: record.at }
  }

  async read(position: number): Promise<StoredDeliveries | undefined> {
    const [only] = await this.readMany([position])
    return only
  }

  /** In the order of the positions, with two reads for all; undefined for events that are not this device's own. */
  async readMany(positions: readonly number[]): Promise<readonly (StoredDeliveries | undefined)[]> {
    const rows = await this.#store.getMany(positions.map(deliveryKeys.record))
    const decided = await Promise.all(positions.map((position, index) => this.#decided(position, rows[index])))
    const stored = await this.#store.getMany(decided.flatMap((one) => one?.keys ?? []))
    let next = 0
    return decided.map((one) => {
      if (one === undefined) return undefined
      const { record, legs, remote } = one
      const deliveries = remote.map((leg) => storedDelivery(record, leg, { queued: stored[next++], ended: stored[next++], legs }))
      return { record, legs, deliveries }
    })
  }

  /** Positions that wait for a network, from one on and below another, with their rows. */
  async queuedFrom(
    network: Network,
    from: number,
    bounds: { readonly below: number; readonly limit: number },
  ): Promise<readonly { readonly position: number; readonly row: QueuedRow }[]> {
    const range = { ...deliveryKeys.queuedFrom(network, from), to: deliveryKeys.queued(network, bounds.below), limit: bounds.limit }
    if (from >= bounds.below) return []
    const found: { readonly position: number; readonly row: QueuedRow }[] = []
    for await (const page of this.#store.range(range)) {
      for (const [key, value] of page) found.push({ position: positionIn(key), row: decodeQueued(value) })
    }
    return found
  }

  async #decided(position: number, row: Uint8Array | undefined) {
    const record = row === undefined ? await this.recordOf(position) : decodeRecord(position, row)
    const decision = record === undefined ? undefined : await this.#book.read(record.decision)
    if (record === undefined || decision === undefined) return undefined
    const { legs } = decision
    const remote = remoteLegs(legs)
    const keys = remote.flatMap(({ network }) => [deliveryKeys.queued(network, position), deliveryKeys.ended(network, position)])
    return { record, legs, remote, keys }
  }

  async #runAround(position: number): Promise<DeliveryRecord | undefined> {
    for await (const page of this.#store.range(deliveryKeys.recordsFrom(position))) {
      for (const [key, row] of page) {
        const run = decodeRecord(positionIn(key), row)
        if (run === undefined || run.first > position) return undefined
        this.#runs.unshift(run)
        this.#runs.length = Math.min(this.#runs.length, MAX_RUNS)
        return run
      }
    }
    return undefined
  }
}

type RemoteLeg = Leg & { readonly network: Network }

/** One leg for each network other than this device, the first that names it. */
function remoteLegs(legs: readonly Leg[]): readonly RemoteLeg[] {
  const seen = new Set<Network>(['local'])
  return legs.filter((leg): leg is RemoteLeg => {
    if (leg.network === undefined || seen.has(leg.network)) return false
    seen.add(leg.network)
    return true
  })
}

interface Rows {
  readonly queued: Uint8Array | undefined
  readonly ended: Uint8Array | undefined
  readonly legs: readonly Leg[]
}

function storedDelivery(record: DeliveryRecord, leg: RemoteLeg, { queued, ended, legs }: Rows): StoredDelivery {
  const { requirement, network } = leg
  const base = { requirement, network, queuedAt: record.at }
  const end = ended === undefined ? undefined : decodeEnded(ended)
  if (end !== undefined) return { leg, queued: false, delivery: { ...base, ...end } }
  if (queued !== undefined) {
    const { attempts, retryAt, reason } = decodeQueued(queued)
    const wait = { ...(retryAt === 0 ? {} : { nextAttemptAt: retryAt }), ...(reason === '' ? {} : { reason }) }
    return { leg, queued: true, delivery: { ...base, phase: 'queued', attempts, ...wait } }
  }
  const before = awaited(requirement, network, legs)
  if (before !== undefined)
    return { leg, queued: false, delivery: { ...base, phase: 'queued', attempts: 0, reason: `It waits for ${before.requirement}.` } }
  return {
    leg,
    queued: false,
    delivery: { ...base, phase: 'refused', attempts: 0, reason: 'Its record on this device is damaged; submit the event again.' },
  }
}
