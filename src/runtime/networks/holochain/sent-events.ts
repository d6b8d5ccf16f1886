import { toBase32 } from '../../codec/base32.js'
import { decodeFields, encode } from '../../codec/dag-cbor.js'
import { parseEventId } from '../../codec/event-id.js'
import type { EventId } from '../../model/event.js'
import { isLevel } from '../../model/network.js'
import type { Level } from '../../model/network.js'
import { isValueList } from '../../model/value.js'
import type { Value } from '../../model/value.js'
import type { NetworkRows } from '../provider-parts.js'
import type { Published } from './zome-calls.js'

/** Events on their way into one batch, kept before the conductor is asked to write it: a batch that was written is found again by its content. */
export interface Outgoing {
  readonly key: string
  readonly ids: readonly EventId[]
  readonly events: readonly Uint8Array[]
}

/** What is known of an event that this device's conductor has written. */
export interface SentEvent {
  /** The action's hash in base 32. */
  readonly reference: string
  readonly level: Level
}

/** A batch of this device's that is not final yet. */
export interface HeldBatch {
  readonly action: Uint8Array
  /** Its place among this agent's. */
  readonly number: number
  readonly ids: readonly EventId[]
  /** Other nodes that hold it. */
  readonly holders: number
}

type Change = readonly [key: string, value: Uint8Array | undefined]

/** What one space's rows say of this device's own batches. */
export class SentEvents {
  readonly #rows: NetworkRows
  readonly #space: string

  constructor(rows: NetworkRows, space: string) {
    this.#rows = rows
    this.#space = space
  }

  async outgoing(): Promise<readonly Outgoing[]> {
    const rows = await this.#rows.list(this.#key('out', ''))
    return rows.map(([key, row]) => {
      const { ids, events } = decodeFields(row)
      return { key, ids: listOf(ids).map((id) => parseEventId(id)), events: listOf(events).filter((bytes) => bytes instanceof Uint8Array) }
    })
  }

  /** @param number of the batch in this life and those before: rows are listed in this order */
  async begin(number: number, group: Pick<Outgoing, 'ids' | 'events'>): Promise<Outgoing> {
    const out = { ...group, key: this.#key('out', String(number).padStart(12, '0')) }
    await this.#rows.write([outRow(out)])
    return out
  }

  /** One that was refused as a whole is tried event by event. */
  async split(out: Outgoing): Promise<readonly Outgoing[]> {
    const parts = out.ids.map((id, index) => ({ key: `${out.key}-${index}`, ids: [id], events: out.events.slice(index, index + 1) }))
    await this.#rows.write([[out.key, undefined], ...parts.map(outRow)])
    return parts
  }

  drop(out: Outgoing): Promise<void> {
    return this.#rows.write([[out.key, undefined]])
  }

  /** The conductor has written it. */
  async written({ key, ids }: Outgoing, { action, number }: Pick<Published, 'action' | 'number'>): Promise<SentEvent> {
    const sent: SentEvent = { reference: toBase32(action), level: 'sent' }
    await this.#rows.write([
      [key, undefined],
      ...ids.map((id) => this.#sentRow(id, sent)),
      this.#heldRow({ action, number, ids, holders: 0 }),
    ])
    return sent
  }

  async sent(id: EventId): Promise<SentEvent | undefined> {
    const row = await this.#rows.get(this.#key('sent', id))
    if (row === undefined) return undefined
    const { reference, level } = decodeFields(row)
    return typeof reference === 'string' && isLevel(level) ? { reference, level } : undefined
  }

  async held(): Promise<readonly HeldBatch[]> {
    const rows = await this.#rows.list(this.#key('held', ''))
    return rows.flatMap(([, row]) => {
      const { action, number, ids, holders } = decodeFields(row)
      if (!(action instanceof Uint8Array) || typeof number !== 'number' || typeof holders !== 'number') return []
      return [{ action, number, ids: listOf(ids).map((id) => parseEventId(id)), holders }]
    })
  }

  /** More nodes hold it; one that is final is not asked after again. */
  async moved(batch: HeldBatch, level: Level): Promise<void> {
    const sent: SentEvent = { reference: toBase32(batch.action), level }
    const [key] = this.#heldRow(batch)
    await this.#rows.write([...batch.ids.map((id) => this.#sentRow(id, sent)), level === 'final' ? [key, undefined] : this.#heldRow(batch)])
  }

  /** The network (its DNA) and the agent whose chain these rows tell of, in one; undefined before the first. */
  agent(): Promise<Uint8Array | undefined> {
    return this.#rows.get(this.#key('agent', ''))
  }

  /** Another agent, or the same in another network: what was written before is not on that chain. */
  async begins(agent: Uint8Array): Promise<void> {
    const old = await Promise.all(['sent', 'held'].map((kind) => this.#rows.list(this.#key(kind, ''))))
    await this.#rows.write([...old.flat().map(([key]): Change => [key, undefined]), [this.#key('agent', ''), agent]])
  }

  #key(kind: string, name: string): string {
    return `${kind}/${this.#space}/${name}`
  }

  #sentRow(id: EventId, { reference, level }: SentEvent): Change {
    return [this.#key('sent', id), encode({ reference, level })]
  }

  #heldRow({ action, number, ids, holders }: HeldBatch): Change {
    return [this.#key('held', toBase32(action)), encode({ action, number, ids, holders })]
  }
}

function outRow({ key, ids, events }: Outgoing): Change {
  return [key, encode({ ids, events })]
}

function listOf(value: Value | undefined): readonly Value[] {
  return isValueList(value) ? value : []
}
