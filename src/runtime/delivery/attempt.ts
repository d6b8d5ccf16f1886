import type { Diagnostics } from '../diagnostics/diagnostics.js'
import { asSpiceTimeError, SpiceTimeError } from '../errors/spice-time-error.js'
import type { EventSource } from '../events/event-source.js'
import type { Delivery } from '../model/decision.js'
import type { Event } from '../model/event.js'
import { fileReference } from '../model/file.js'
import type { Receipt } from '../model/receipt.js'
import type { NetworkProvider, ProviderEvent } from '../networks/provider.js'
import type { Platform } from '../platform/platform.js'
import type { ResourceManager } from '../resources/resource-manager.js'
import type { DeliveryRecord } from './delivery-rows.js'
import { step } from './delivery.js'
import type { Happening } from './delivery.js'
import type { Flight, Flights } from './flights.js'
import type { Outbox } from './outbox.js'
import type { ReceiptCollector } from './receipt-collector.js'
import { retryDelay } from './retry.js'
import type { Moved, Settlement } from './settlement.js'

export interface LoopParts {
  readonly provider: NetworkProvider
  readonly platform: Platform
  readonly resources: ResourceManager
  readonly diagnostics: Diagnostics
  readonly events: EventSource
  readonly outbox: Outbox
  readonly settlement: Settlement
  readonly flights: Flights
  readonly receipts: ReceiptCollector
  /** Events from this position on are not durable yet, and must not leave the device. */
  readonly durableBelow: () => number
  /** @see DeliveryParts */
  readonly supersede?: (positions: readonly number[]) => Promise<void>
  /** @see DeliveryParts */
  readonly keepBody?: KeepBody
  readonly moved: (moved: readonly Moved[]) => void
}

/** Why an event should not be sent now, and milliseconds until it is tried again. */
interface Obstacle {
  readonly reason: string
  readonly delay: number
}

/** Stores the body that an event names; tells why it can't be stored now. Never rejects. */
export type KeepBody = (event: Event, flight: Pick<Flight, 'position' | 'controller'>) => Promise<Obstacle | undefined>

/** How an attempt left its delivery. */
export type Outcome =
  /** Nothing is left to do. */
  | { readonly kind: 'over' }
  /** To be tried again after so many milliseconds. */
  | { readonly kind: 'later'; readonly delay: number; /** As it waits, where that is not stored. */ readonly waiting?: Delivery }
  /** To be tried as soon as the network is connected. */
  | { readonly kind: 'parked' }

const OVER: Outcome = { kind: 'over' }
const PARKED: Outcome = { kind: 'parked' }
/** Until a price that is too high is asked for again. */
const PRICE_PATIENCE = 60_000
/** Until an event that waits for another network is tried again. */
const OTHERS_PATIENCE = 15_000

/** One try to get one event to one network. */
export class Attempt {
  readonly #parts: LoopParts
  readonly #flight: Flight

  constructor(parts: LoopParts, flight: Flight) {
    this.#parts = parts
    this.#flight = flight
  }

  async run(): Promise<Outcome> {
    const { outbox, events, provider, platform } = this.#parts
    const flight = this.#flight
    const stored = await outbox.read(flight.position)
    const one = stored?.deliveries.find(({ delivery }) => delivery.network === provider.network)
    if (stored === undefined || one === undefined || one.delivery.phase !== 'queued' || flight.settled) return OVER
    flight.delivery = one.delivery
    const { deadline } = stored.record
    if (deadline !== undefined && deadline <= platform.now()) return await this.#end({ kind: 'expired', reason: expiredReason(deadline) })
    if (!one.queued) return OVER
    const event = await events.readAt(flight.position)
    if (event === undefined) return await this.#end({ kind: 'refused', reason: "It is no longer in this device's log." })
    flight.event = event.id
    flight.bytes = event.bytes.length
    let obstacle = this.#obstacle(event, stored.record)
    // It goes out only when whoever gets it can look for its body.
    if (obstacle === undefined && event.bodyCid !== undefined) obstacle = await this.#parts.keepBody?.(event, flight)
    return obstacle === undefined ? await this.#send(event, stored.record) : this.#postpone(obstacle)
  }

  /** Why it should not be sent now although the network is there. */
  #obstacle({ needs, bytes }: Event, { maxCost }: DeliveryRecord): Obstacle | undefined {
    const { provider, resources, flights } = this.#parts
    const { network } = provider
    const { cost } = provider.quote({ needs, bytes: bytes.length })
    const left = resources.budgetLeft(network)
    const reserved = left.lamports === Infinity ? 0 : flights.reserved(network)
    if (maxCost !== undefined && cost > maxCost)
      return { reason: `${network} asks ${cost} lamports now, more than the ${maxCost} allowed.`, delay: PRICE_PATIENCE }
    if (cost > left.lamports - reserved)
      return { reason: `Today's budget for ${network} is spent; it goes on at midnight UTC.`, delay: resources.untilMidnight() }
    if (bytes.length > left.bytes) return { reason: `The budget of bytes for ${network} is used up; raise it.`, delay: PRICE_PATIENCE }
    if (left.requests < 1) return { reason: `${network} has had the requests of this second.`, delay: 1_000 }
    this.#flight.reserved = cost
    return undefined
  }

  #postpone({ reason, delay }: Obstacle): Outcome {
    this.#move({ kind: 'postponed', reason, retryAt: this.#parts.platform.now() + delay })
    const { delivery } = this.#flight
    return { kind: 'later', delay, ...(delivery === undefined ? {} : { waiting: delivery }) }
  }

  async #send(event: Event, { deadline }: DeliveryRecord): Promise<Outcome> {
    const { id, space, bytes, needs } = event
    const { provider, platform, resources } = this.#parts
    this.#move({ kind: 'sent' })
    resources.countRequest(provider.network)
    const began = platform.monotonic()
    let receipt: Receipt
    try {
      receipt = await provider.submitEvent({ id, space, bytes, needs, ...contentOf(event) }, { signal: this.#flight.controller.signal })
      checkReceipt(receipt, { event: id, network: provider.network })
    } catch (error) {
      return await this.#failed(asSpiceTimeError(error, 'NETWORK_UNAVAILABLE', { network: provider.network, event: id }), deadline)
    }
    resources.succeeded(provider.network, platform.monotonic() - began)
    this.#flight.reserved = receipt.cost
    await this.#parts.receipts.add(receipt)
    return OVER
  }

  async #failed(error: SpiceTimeError, deadline: number | undefined): Promise<Outcome> {
    const { provider, platform, resources } = this.#parts
    const now = platform.now()
    if (deadline !== undefined && deadline <= now) return await this.#end({ kind: 'expired', reason: expiredReason(deadline) })
    // Called off by a stop: it goes on with the next start.
    if (this.#flight.controller.signal.aborted) return OVER
    if (error.code === 'NETWORK_REFUSED') return await this.#end({ kind: 'refused', reason: error.message })
    if (provider.status().state !== 'connected') {
      this.#move({ kind: 'postponed', reason: provider.status().reason ?? error.message })
      return PARKED
    }
    // It waits for something beside this network, which is not to blame.
    if (error.code === 'NETWORK_NOT_CONNECTED') return this.#postpone({ reason: error.message, delay: OTHERS_PATIENCE })
    resources.failed(provider.network)
    const delay = retryDelay(this.#flight.delivery?.attempts ?? 1, platform)
    this.#move({ kind: 'failed', reason: error.message, retryAt: now + delay })
    if (this.#flight.delivery !== undefined) await this.#parts.settlement.requeue(this.#flight, this.#flight.delivery)
    return { kind: 'later', delay }
  }

  async #end(happening: Happening & { readonly kind: 'refused' | 'expired' }): Promise<Outcome> {
    this.#parts.moved(await this.#parts.settlement.end(this.#flight, happening))
    return OVER
  }

  #move(happening: Happening): void {
    const { delivery, network, position, event } = this.#flight
    if (delivery === undefined) return
    const next = step(delivery, happening)
    this.#flight.delivery = next
    if (next !== delivery)
      this.#parts.moved([
        {
          ...{ position, network, phase: next.phase },
          ...(event === undefined ? {} : { event }),
          ...(next.reason === undefined ? {} : { reason: next.reason }),
        },
      ])
  }
}

/** A provider that answers for another event, or as another network, has a bug: nothing is known of this event. */
function checkReceipt({ event, network }: Receipt, asked: Pick<Receipt, 'event' | 'network'>): void {
  if (event === asked.event && network === asked.network) return
  throw new SpiceTimeError(
    'NETWORK_UNAVAILABLE',
    `${asked.network} answered for another event or network; report this to the author of its provider.`,
    {
      event: asked.event,
      answered: event,
      network,
    },
  )
}

function expiredReason(deadline: number): string {
  return `Its deadline (${deadline} ms since 1970) passed before the network had it.`
}

/** The content that an event refers to: networks that keep content keep it with the event. */
function contentOf({ op, body, bodyCid }: Event): Pick<ProviderEvent, 'content'> {
  const beside = bodyCid ?? (op === 'file' ? fileReference(body.value) : undefined)
  return beside === undefined ? {} : { content: [beside.cid] }
}
