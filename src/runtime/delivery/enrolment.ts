import type { AppliedEvent } from '../events/event-applier.js'
import type { EventId } from '../model/event.js'
import type { Network } from '../model/network.js'
import type { Platform } from '../platform/platform.js'
import type { StoreChange } from '../storage/store.js'
import type { DecisionMaker, Plan } from './decision-maker.js'
import { deliveryKeys } from './delivery-keys.js'
import { encodeRecord, FRESH_ROW } from './delivery-rows.js'
import type { QueueCounters } from './queue-counters.js'

export interface EnrolmentParts {
  readonly platform: Platform
  readonly maker: DecisionMaker
  readonly counters: QueueCounters
}

interface Run {
  readonly first: number
  last: number
  readonly plan: Plan
}

/** An own event that goes further than this device, until its transaction is durable. */
interface Enrolled {
  readonly position: number
  readonly event: EventId
  readonly plan: Plan
  readonly deadline: number | undefined
}

/** What became durable: networks with new deliveries, deadlines to watch, decisions to tell of. */
export interface Committed {
  readonly networks: ReadonlySet<Network>
  readonly deadlines: readonly number[]
  readonly decided: readonly { readonly event: EventId; readonly networks: readonly Network[] }[]
}

const NOTHING: Committed = { networks: new Set(), deadlines: [], decided: [] }

/** Writes the decisions and deliveries of own events into the transaction that logs them. */
export class Enrolment {
  readonly #parts: EnrolmentParts
  #uncommitted: Enrolled[] = []

  constructor(parts: EnrolmentParts) {
    this.#parts = parts
  }

  enrol(events: readonly AppliedEvent[], changes: StoreChange[]): void {
    const { maker, platform } = this.#parts
    const at = platform.now()
    const touched = new Set<Network>()
    let run: Run | undefined
    for (const { event, position, origin, wishes } of events) {
      if (origin !== 'own') continue
      const plan = maker.plan({ needs: event.needs, bytes: event.bytes.length, ...wishes }, changes)
      if (plan.localOnly && run?.last === position - 1 && run.plan === plan) {
        run.last = position
        continue
      }
      if (run !== undefined) writeRun(run, at, changes)
      run = plan.localOnly ? { first: position, last: position, plan } : undefined
      if (run === undefined)
        this.#queue(
          { position, event: event.id, plan, deadline: wishes.deadline === undefined ? undefined : Math.ceil(wishes.deadline) },
          { at, maxCost: wishes.maxCost, touched },
          changes,
        )
    }
    if (run !== undefined) writeRun(run, at, changes)
    this.#parts.counters.writeIntake(touched, changes)
  }

  /** What up to a position is durable now. */
  committed(last: number): Committed {
    if (this.#uncommitted.length === 0) return NOTHING
    const durable = this.#uncommitted.filter(({ position }) => position <= last)
    this.#uncommitted = this.#uncommitted.filter(({ position }) => position > last)
    return {
      networks: new Set(durable.flatMap(({ plan }) => plan.first)),
      deadlines: durable.flatMap(({ deadline }) => deadline ?? []),
      decided: durable.map(({ event, plan }) => ({ event, networks: plan.legs.flatMap((leg) => leg.network ?? []) })),
    }
  }

  /** The transactions in flight failed. */
  forget(): void {
    this.#uncommitted = []
  }

  #queue(
    enrolled: Enrolled,
    { at, maxCost, touched }: { at: number; maxCost: number | undefined; touched: Set<Network> },
    changes: StoreChange[],
  ): void {
    const { position, plan, deadline } = enrolled
    const wishes = { ...(maxCost === undefined ? {} : { maxCost }), ...(deadline === undefined ? {} : { deadline }) }
    changes.push([deliveryKeys.record(position), encodeRecord({ first: position, last: position, decision: plan.decision, at, ...wishes })])
    for (const network of plan.first) changes.push([deliveryKeys.queued(network, position), FRESH_ROW])
    for (const network of [...plan.first, ...plan.later]) {
      this.#parts.counters.count(network, { queued: 1, delivered: 0 })
      touched.add(network)
      if (deadline !== undefined) changes.push([deliveryKeys.deadline(deadline, network, position), DEADLINE_ROW])
    }
    this.#uncommitted.push(enrolled)
  }
}

/** Its key says it all. */
const DEADLINE_ROW = new Uint8Array([1])

/** Events that stay on this device are delivered with their transaction: one record for all that follow one another. */
function writeRun({ first, last, plan }: Run, at: number, changes: StoreChange[]): void {
  changes.push([deliveryKeys.record(last), encodeRecord({ first, last, decision: plan.decision, at })])
}
