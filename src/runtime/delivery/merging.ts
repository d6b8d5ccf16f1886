import type { LoopParts } from './attempt.js'
import type { StoredDeliveries } from './outbox.js'

/** Deliveries that are looked at together: a run of events that goes on beyond them becomes two. */
const PAGE = 4_096

/** Lets events that wait for a network that does not order them be merged before they are sent. Each is looked at once. */
export class Merging {
  readonly #parts: LoopParts
  /** The queue was looked at up to here. */
  #looked = 0

  constructor(parts: LoopParts) {
    this.#parts = parts
  }

  /** Whether anything is ever merged for this network. */
  get on(): boolean {
    return this.#parts.supersede !== undefined && this.#parts.provider.capabilities.ordering === 'none'
  }

  /** Looks at what waits from a position on, and was not looked at before. Nobody sends it meanwhile. */
  async merge(from: number): Promise<void> {
    const { supersede, outbox, provider, flights, durableBelow } = this.#parts
    if (supersede === undefined || !this.on) return
    const { network } = provider
    const rows = await outbox.queuedFrom(network, Math.max(from, this.#looked), { below: durableBelow(), limit: PAGE })
    const fresh = rows.filter(({ row }) => row.attempts === 0 && row.retryAt === 0 && row.reason === '').map(({ position }) => position)
    const claimed = fresh.length < 2 ? [] : fresh.flatMap((position) => flights.begin(network, position) ?? [])
    try {
      const stored = await outbox.readMany(claimed.map(({ position }) => position))
      const positions = stored.flatMap((one) => (one !== undefined && isPlain(one) ? [one.record.last] : []))
      if (positions.length > 1) await supersede(positions)
    } finally {
      for (const flight of claimed) flights.end(flight)
    }
    this.#looked = Math.max(this.#looked, (rows.at(-1)?.position ?? 0) + 1)
  }
}

/** For this network alone, and without wishes that another event would not have. */
function isPlain({ record, deliveries }: StoredDeliveries): boolean {
  const { first, last, maxCost, deadline } = record
  return first === last && deliveries.length === 1 && maxCost === undefined && deadline === undefined
}
