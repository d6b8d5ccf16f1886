import { decodeFields, encode } from '../../codec/dag-cbor.js'
import type { EventId } from '../../model/event.js'
import type { NetworkRows } from '../provider-parts.js'

/** A transaction that was signed and may be on its way: written before it is sent, so that no crash can send its events twice. */
export interface SentTransaction {
  readonly signature: string
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Reference of the space. */
  readonly space: string
  readonly memo: string
  readonly ids: readonly EventId[]
  /** From the block after this one on, it can't land. */
  readonly lastValidBlockHeight: number
  /** The chain that it was signed for. */
  readonly genesis: string
  /** Lamports. */
  readonly cost: number
}

/** Where an event of this device lies for good. */
export interface LandedEvent {
  readonly signature: string
  readonly genesis: string
  /** Lamports: its share. */
  readonly cost: number
}

const TRANSACTION = 'tx/'
const EVENT = 'on/'
const VERSION = 1

/** The sender's durable rows: `tx/<signature>` while a transaction is under way, `on/<EventId>` once it is final. */
export class SentRows {
  readonly #rows: NetworkRows

  constructor(rows: NetworkRows) {
    this.#rows = rows
  }

  /** Transactions that may be under way. Rows that can't be read are left out: a row is only ever written whole. */
  async list(): Promise<readonly SentTransaction[]> {
    const rows = await this.#rows.list(TRANSACTION)
    return rows.flatMap(([key, bytes]) => parseTransaction(key.slice(TRANSACTION.length), bytes) ?? [])
  }

  /** Writes it, in place of the one that it was built anew from. */
  async put({ signature, ids, ...row }: SentTransaction, replaced?: string): Promise<void> {
    const value = encode({ v: VERSION, ids: [...ids], ...row })
    await this.#rows.write([
      [TRANSACTION + signature, value],
      ...(replaced === undefined ? [] : [[TRANSACTION + replaced, undefined] as const]),
    ])
  }

  async remove(signature: string): Promise<void> {
    await this.#rows.write([[TRANSACTION + signature, undefined]])
  }

  /** The transaction is final: from now on each of its events knows it. */
  async finish({ signature, ids, genesis, cost }: SentTransaction): Promise<void> {
    const events = ids.map((id, index) => {
      const landed = { v: VERSION, signature, genesis, cost: shareOf(cost, ids.length, index) }
      return [EVENT + id, encode(landed)] as const
    })
    await this.#rows.write([...events, [TRANSACTION + signature, undefined]])
  }

  async landed(id: EventId): Promise<LandedEvent | undefined> {
    const bytes = await this.#rows.get(EVENT + id)
    if (bytes === undefined) return undefined
    const { signature, genesis, cost } = decodeFields(bytes)
    if (typeof signature !== 'string' || typeof genesis !== 'string' || typeof cost !== 'number') return undefined
    return { signature, genesis, cost }
  }
}

/** An event's part of the fee: equal parts, what is left over goes to the first. */
export function shareOf(cost: number, count: number, index: number): number {
  return Math.floor(cost / count) + (index === 0 ? cost % count : 0)
}

function parseTransaction(signature: string, value: Uint8Array): SentTransaction | undefined {
  const { v, bytes, space, memo, ids, lastValidBlockHeight, genesis, cost } = decodeFields(value)
  if (v !== VERSION || !(bytes instanceof Uint8Array) || !Array.isArray(ids)) return undefined
  if (typeof space !== 'string' || typeof memo !== 'string' || typeof genesis !== 'string') return undefined
  if (typeof lastValidBlockHeight !== 'number' || typeof cost !== 'number') return undefined
  const names = ids.filter((id): id is EventId => typeof id === 'string')
  return { signature, bytes: new Uint8Array(bytes), space, memo, ids: names, lastValidBlockHeight, genesis, cost }
}
