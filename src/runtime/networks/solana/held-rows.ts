import { decodeFields, encode } from '../../codec/dag-cbor.js'
import { parseEventId } from '../../codec/event-id.js'
import { decodeText, encodeText } from '../../codec/text.js'
import type { SpaceReference } from '../../model/event.js'
import { compareOrder } from '../../model/receipt.js'
import type { ChainOrder } from '../../model/receipt.js'
import type { NetworkRows, RowChange } from '../provider-parts.js'
import type { Ground } from './reading-cursor.js'
import type { AnchoredList, FoundEvent } from './slot-events.js'

export type HeldEvent = Pick<FoundEvent, 'id' | 'signature' | 'order'>

/** What a cursor's `held` stands for. */
export interface Held {
  /** Lists that could not be had, in the chain's order. */
  readonly missing: readonly AnchoredList[]
  /** Events that were told without their places, in the chain's order. */
  readonly events: readonly HeldEvent[]
}

const NOTHING: Held = { missing: [], events: [] }
/** Enough of a genesis hash or a reference to tell it from any other. */
const NAME_LENGTH = 12

/**
 * Rows of one space on ground that is final: which lists are missing, what was told without its place because of that, and which lists were read. They are
 * written before the cursor that goes with them, so what the cursor does not cover is left over from a pull that was cut short, and goes.
 */
export class HeldRows {
  readonly #rows: NetworkRows
  readonly #name: string
  /** Whether the rows may hold something although the cursor says that nothing is held. */
  #unsure = true

  /** @param chain genesis hash */
  constructor(rows: NetworkRows, { chain, space }: { readonly chain: string; readonly space: SpaceReference }) {
    this.#rows = rows
    this.#name = `${chain.slice(0, NAME_LENGTH)}/${space.slice(0, NAME_LENGTH)}/`
  }

  /** What is held as the cursor says, which is durable; the rest is removed. */
  async load(ground: Ground): Promise<Held> {
    if (ground.held === undefined && !this.#unsure) return NOTHING
    const [missing, events] = await Promise.all([this.#list('gap/', parseList), this.#list('held/', parseEvent)])
    const covered = ({ order }: { readonly order: ChainOrder }): boolean =>
      ground.held !== undefined && order[0] <= ground.slot && compareOrder(order, ground.held) >= 0
    const over = [
      ...missing.filter((one) => !covered(one)).map(({ order }): RowChange => [this.#key('gap/', order), undefined]),
      ...events.filter((one) => !covered(one)).map((one) => this.release(one)),
    ]
    if (over.length > 0) await this.#rows.write(over)
    this.#unsure = false
    return { missing: missing.filter(covered), events: events.filter(covered) }
  }

  /** A list that can't be had. */
  gap({ cid, signature, order }: AnchoredList): RowChange {
    this.#unsure = true
    return [this.#key('gap/', order), encode({ cid, signature })]
  }

  /** An event that is told without its place. */
  hold({ id, signature, order }: HeldEvent): RowChange {
    this.#unsure = true
    return [this.#key('held/', order), encode({ id, signature })]
  }

  release({ order }: Pick<HeldEvent, 'order'>): RowChange {
    return [this.#key('held/', order), undefined]
  }

  /** A list whose events all count from now on as what was there before, should anyone anchor it again. */
  wasRead({ cid, signature }: AnchoredList): RowChange {
    return [`list/${this.#name}${cid}`, encodeText(signature)]
  }

  /** The final transaction by which a list was read. */
  async transactionOf(cid: string): Promise<string | undefined> {
    const row = await this.#rows.get(`list/${this.#name}${cid}`)
    return row === undefined ? undefined : decodeText(row)
  }

  #key(kind: string, [slot, index, position]: ChainOrder): string {
    return `${kind}${this.#name}${pad(slot)}/${pad(index)}/${pad(position)}`
  }

  async #list<T>(kind: string, parse: (order: ChainOrder, value: Uint8Array) => T | undefined): Promise<readonly T[]> {
    const prefix = kind + this.#name
    const rows = await this.#rows.list(prefix)
    return rows.flatMap(([key, value]) => {
      const [slot = 0, index = 0, position = 0] = key.slice(prefix.length).split('/').map(Number)
      return parse([slot, index, position], value) ?? []
    })
  }
}

/** Sorts as the number does, up to the largest that is exact. */
function pad(part: number): string {
  return String(part).padStart(16, '0')
}

/** A row is only ever written whole; one that is damaged is left out, and its event stays without its place. */
function parseList(order: ChainOrder, value: Uint8Array): AnchoredList | undefined {
  const { cid, signature } = decodeFields(value)
  return typeof cid === 'string' && typeof signature === 'string' ? { cid, signature, order } : undefined
}

function parseEvent(order: ChainOrder, value: Uint8Array): HeldEvent | undefined {
  const { id, signature } = decodeFields(value)
  return typeof id === 'string' && typeof signature === 'string' ? { id: parseEventId(id), signature, order } : undefined
}
