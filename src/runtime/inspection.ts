import { parseEventId } from './codec/event-id.js'
import { SpiceTimeError } from './errors/spice-time-error.js'
import type { EventLog } from './events/log.js'
import { listEvents } from './events/log-queries.js'
import { readReceipts } from './events/receipt-book.js'
import { readRefusal } from './events/refusals.js'
import type { WaitingRoom } from './events/waiting-room.js'
import type { Decision, Delivery } from './model/decision.js'
import type { Event, EventId, EventSummary } from './model/event.js'
import { documentOf, parsePath } from './model/path.js'
import type { Receipt } from './model/receipt.js'
import type { Standing, Trace } from './model/trace.js'
import type { EventQuery } from './runtime-client.js'
import { pastOf } from './state/history.js'
import { levelOf } from './state/levels.js'
import type { StateManager } from './state/state-manager.js'
import type { Store } from './storage/store.js'

export interface InspectionParts {
  readonly store: Store
  readonly log: EventLog
  readonly waiting: WaitingRoom
  readonly state: StateManager
  readonly deliveries: {
    decisionOf(position: number): Promise<Decision | undefined>
    deliveriesOf(position: number): Promise<readonly Delivery[]>
  }
}

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000

/** Answers the questions of devtools: what is in the log, and everything about one event. */
export class Inspection {
  readonly #parts: InspectionParts

  constructor(parts: InspectionParts) {
    this.#parts = parts
  }

  /** @throws SpiceTimeError INPUT_MALFORMED, PATH_MALFORMED */
  async events(query: EventQuery = {}): Promise<readonly EventSummary[]> {
    const limit = query.limit ?? DEFAULT_LIMIT
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw new SpiceTimeError('INPUT_MALFORMED', `'limit' must be 1 to ${MAX_LIMIT}.`)
    const under = query.under === undefined || query.under === '' ? undefined : parsePath(query.under)
    const { log, store } = this.#parts
    const listed = await listEvents(log, store, { limit, ...(query.before === undefined ? {} : { before: query.before }), ...(under === undefined ? {} : { under }) })
    return await Promise.all(
      listed.map(async ({ summary, receipts }) => {
        const deliveries = await this.#parts.deliveries.deliveriesOf(summary.position)
        const networks = new Set([...deliveries.map((delivery) => delivery.network), ...receipts.map((receipt) => receipt.network)])
        return { ...summary, level: levelOf(summary.needs, receipts), networks: [...networks] }
      }),
    )
  }

  /** @throws SpiceTimeError EVENT_UNKNOWN, INPUT_MALFORMED */
  async trace(text: string): Promise<Trace> {
    const id = parseEventId(text)
    const { log, state, deliveries } = this.#parts
    const position = await log.positionOf(id)
    const event = position === undefined ? undefined : await log.readAt(position)
    const document = event === undefined ? undefined : documentOf(event.path)
    if (event === undefined || position === undefined || document === undefined) throw await this.#unknown(id)
    const receipts = await this.receiptsOf(event, position)
    const { spaceId, path, op, author, seq, time, needs, parents, previous, bytes } = event
    return {
      id,
      standing: await this.#standingOf(event),
      level: levelOf(needs, receipts),
      position,
      space: spaceId,
      document,
      path,
      op,
      policy: await state.policyOf(document),
      author,
      seq,
      time,
      needs,
      public: event.public,
      bytes: bytes.length,
      parents,
      children: await this.#childrenOf(event),
      ...(previous === undefined ? {} : { previous }),
      decision: await deliveries.decisionOf(position),
      deliveries: await deliveries.deliveriesOf(position),
      receipts,
    }
  }

  async receiptsOf(event: Event, position: number): Promise<readonly Receipt[]> {
    return await readReceipts(this.#parts.store, event.id, position)
  }

  /** Why an event that is not in the log is not there. */
  async refusalOf(id: EventId): Promise<Standing | undefined> {
    await this.#parts.waiting.load()
    const waiting = this.#parts.waiting.get(id)
    if (waiting !== undefined) return { kind: 'waiting', reason: waiting.reason, missing: waiting.missing }
    const refusal = await readRefusal(this.#parts.store, id)
    return refusal === undefined ? undefined : { kind: refusal.kind, code: refusal.code, reason: refusal.reason }
  }

  async #standingOf(event: Event): Promise<Standing> {
    const rejection = await this.#parts.state.rejectionOf(event)
    if (rejection === undefined) return { kind: 'applied' }
    return { kind: 'rejected', code: rejection.code, reason: rejection.reason, ...(rejection.winner === undefined ? {} : { winner: rejection.winner }) }
  }

  async #childrenOf(event: Event): Promise<readonly EventId[]> {
    const document = documentOf(event.path)
    const past = document === undefined ? [] : await pastOf(this.#parts.store, document)
    const children = past.filter(({ header }) => header.parents.includes(event.id)).map(({ id }) => id)
    const next = await this.#parts.log.chainAt(event.spaceId, event.author, event.seq + 1)
    return next === undefined || children.includes(next) ? children : [...children, next]
  }

  async #unknown(id: EventId): Promise<SpiceTimeError> {
    const standing = await this.refusalOf(id)
    const why = standing === undefined || standing.kind === 'applied' ? 'It was never seen here.' : `It is ${standing.kind}: ${standing.reason}`
    return new SpiceTimeError('EVENT_UNKNOWN', `The event ${id} is not in this device's log. ${why}`, { event: id, standing: standing?.kind })
  }
}
