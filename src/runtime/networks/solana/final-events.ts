import { decodeText, encodeText } from '../../codec/text.js'
import type { EventId, SpaceReference } from '../../model/event.js'
import type { NetworkRows, RowChange } from '../provider-parts.js'
import { addCounts, isIgnored } from './ignored.js'
import type { IgnoredCounts } from './ignored.js'
import type { FoundEvent } from './slot-events.js'

type FinalEvent = Pick<FoundEvent, 'id' | 'signature'>

/** Events that are remembered without asking the rows. */
const MOST_REMEMBERED = 100_000
/** Enough of a genesis hash or a reference to tell it from any other. */
const NAME_LENGTH = 12

/**
 * Which transaction first brought each event of a space for good. An event that someone writes to the chain a second time counts nowhere, and does so on
 * every device alike.
 */
export class FinalEvents {
  readonly #rows: NetworkRows
  readonly #prefix: string
  readonly #countsKey: string
  readonly #remembered = new Map<EventId, string>()
  /** Whether all that the rows know is remembered. */
  #whole = false
  #counts: IgnoredCounts | undefined

  /** @param chain genesis hash: rows of one chain never speak for another one */
  constructor(rows: NetworkRows, { chain, space }: { readonly chain: string; readonly space: SpaceReference }) {
    const name = `${chain.slice(0, NAME_LENGTH)}/${space.slice(0, NAME_LENGTH)}`
    this.#rows = rows
    this.#prefix = `final/${name}/`
    this.#countsKey = `ignored/${name}`
  }

  /** The first final transactions of these events, where there are any. */
  async transactionsOf(ids: readonly EventId[]): Promise<readonly (string | undefined)[]> {
    return await Promise.all(
      ids.map(async (id) => {
        const remembered = this.#remembered.get(id)
        if (remembered !== undefined || this.#whole) return remembered
        const row = await this.#rows.get(this.#prefix + id)
        return row === undefined ? undefined : decodeText(row)
      }),
    )
  }

  /** Keeps events that are final now, before the core hears of them, in one write with other rows of the reading's. @throws SpiceTimeError STORAGE_FULL, STORAGE_FAILED */
  async keep(events: readonly FinalEvent[], ignored: IgnoredCounts, others: readonly RowChange[] = []): Promise<void> {
    const counts = addCounts(await this.counts(), ignored)
    if (events.length === 0 && others.length === 0 && Object.keys(ignored).length === 0) return
    await this.#rows.write([
      ...events.map(({ id, signature }) => [this.#prefix + id, encodeText(signature)] as const),
      [this.#countsKey, encodeText(JSON.stringify(counts))],
      ...others,
    ])
    this.#counts = counts
    if (this.#remembered.size + events.length > MOST_REMEMBERED) {
      this.#remembered.clear()
      this.#whole = false
    }
    for (const { id, signature } of events) this.#remembered.set(id, signature)
  }

  /** Nothing of this space was read before, so the rows need not be asked. */
  beginAnew(): void {
    this.#whole = true
  }

  /** What was passed over so far, over all of this device's lives. */
  async counts(): Promise<IgnoredCounts> {
    this.#counts ??= parseCounts(await this.#rows.get(this.#countsKey))
    return this.#counts
  }
}

/** A row that is damaged costs the counts alone. */
function parseCounts(row: Uint8Array | undefined): IgnoredCounts {
  if (row === undefined) return {}
  let foreign: unknown
  try {
    foreign = JSON.parse(decodeText(row))
  } catch {
    return {}
  }
  if (typeof foreign !== 'object' || foreign === null) return {}
  const entries = Object.entries(foreign).filter(([name, count]) => isIgnored(name) && Number.isSafeInteger(count))
  return Object.fromEntries(entries) as IgnoredCounts
}
