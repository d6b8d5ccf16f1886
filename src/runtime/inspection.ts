import { parseEventId } from './codec/event-id.js'
import { SpiceTimeError } from './errors/spice-time-error.js'
import type { EventProcessor } from './events/event-processor.js'
import type { Decision, Delivery } from './model/decision.js'
import type { Event, EventId, EventSummary } from './model/event.js'
import { documentOf, parsePath } from './model/path.js'
import { levelOf } from './model/receipt.js'
import type { Standing, Trace } from './model/trace.js'
import type { EventQuery } from './runtime-client.js'
import type { StateManager } from './state/state-manager.js'

export interface InspectionParts {
  readonly processor: EventProcessor
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
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
      throw new SpiceTimeError('INPUT_MALFORMED', `'limit' must be 1 to ${MAX_LIMIT}.`)
    const under = query.under === undefined || query.under === '' ? undefined : parsePath(query.under)
    const listed = await this.#parts.processor.list({
      limit,
      ...(query.before === undefined ? {} : { before: query.before }),
      ...(under === undefined ? {} : { under }),
    })
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
    const { processor, state, deliveries } = this.#parts
    const { log } = processor
    const found = await log.find(id)
    const position = found?.position
    const event = position === undefined ? undefined : await log.readAt(position)
    const document = event === undefined ? undefined : documentOf(event.path)
    if (event === undefined || position === undefined || document === undefined) throw await this.#unknown(id)
    const receipts = await log.receiptsOf(event.id, position)
    const { spaceId, path, op, author, seq, time, needs, parents, previous, bytes } = event
    return {
      id: event.id,
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
      ...(event.supersedes === undefined ? {} : { supersedes: event.supersedes.length }),
      decision: await deliveries.decisionOf(position),
      deliveries: await deliveries.deliveriesOf(position),
      receipts,
    }
  }

  async #standingOf(event: Event): Promise<Standing> {
    const rejection = await this.#parts.state.rejectionOf(event)
    if (rejection === undefined) return { kind: 'applied' }
    return {
      kind: 'rejected',
      code: rejection.code,
      reason: rejection.reason,
      ...(rejection.winner === undefined ? {} : { winner: rejection.winner }),
    }
  }

  async #childrenOf(event: Event): Promise<readonly EventId[]> {
    const children = await this.#parts.state.childrenOf(event)
    let next: EventId | undefined
    for await (const id of this.#parts.processor.log.chainFrom(event.spaceId, event.author, event.seq + 1)) {
      next = id
      break
    }
    return next === undefined || children.includes(next) ? children : [...children, next]
  }

  async #unknown(id: EventId): Promise<SpiceTimeError> {
    const standing = await this.#parts.processor.standingOf(id)
    const why =
      standing === undefined || standing.kind === 'applied' ? 'It was never seen here.' : `It is ${standing.kind}: ${standing.reason}`
    return new SpiceTimeError('EVENT_UNKNOWN', `The event ${id} is not in this device's log. ${why}`, {
      event: id,
      standing: standing?.kind,
    })
  }
}
