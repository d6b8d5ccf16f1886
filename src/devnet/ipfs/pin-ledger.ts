import { randomUUID } from 'node:crypto'
import { Key } from 'interface-datastore'
import type { Helia } from 'helia'
import { isMap, parseJson } from '../json.js'

export const PIN_STATUSES = ['queued', 'pinning', 'pinned', 'failed'] as const
export type PinStatus = (typeof PIN_STATUSES)[number]

/** What somebody wants pinned: https://ipfs.github.io/pinning-services-api-spec/#tag/pins */
export interface WantedPin {
  readonly cid: string
  readonly name?: string
  readonly origins: readonly string[]
  readonly meta: Readonly<Record<string, string>>
}

export interface PinRecord extends WantedPin {
  readonly requestId: string
  readonly status: PinStatus
  /** Milliseconds; no two are of one time. */
  readonly created: number
  /** Why it failed. */
  readonly reason?: string
  /** Of all blocks below it, once it is pinned. */
  readonly bytes?: number
}

/** What a request has become. */
export type PinOutcome = Pick<PinRecord, 'status' | 'reason' | 'bytes'>

const PREFIX = '/spicetime/pin-requests'
const VERSION = 1

/** The requests to pin, kept in Helia's datastore: a record is written before anyone is told of it. */
export class PinLedger {
  readonly #store: Helia['datastore']
  readonly #records: Map<string, PinRecord>
  #newest: number
  /** One write after the other. */
  #written: Promise<unknown> = Promise.resolve()

  private constructor(store: Helia['datastore'], records: readonly PinRecord[]) {
    this.#store = store
    this.#records = new Map(records.map((record) => [record.requestId, record]))
    this.#newest = records.at(-1)?.created ?? 0
  }

  /** What can't be read of it is left out. */
  static async open(store: Helia['datastore']): Promise<PinLedger> {
    const records: PinRecord[] = []
    for await (const { value } of store.query({ prefix: PREFIX })) {
      const record = readRecord(value)
      if (record !== undefined) records.push(record)
    }
    return new PinLedger(
      store,
      records.toSorted((a, b) => a.created - b.created),
    )
  }

  get size(): number {
    return this.#records.size
  }

  /** Of all that is pinned, each DAG once; without what is below one CID. */
  bytes(besides?: string): number {
    const sizes = new Map<string, number>()
    for (const { cid, bytes } of this.#records.values()) if (bytes !== undefined && cid !== besides) sizes.set(cid, bytes)
    return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0)
  }

  /** Oldest first. */
  all(): readonly PinRecord[] {
    return [...this.#records.values()]
  }

  get(requestId: string): PinRecord | undefined {
    return this.#records.get(requestId)
  }

  async add(wanted: WantedPin): Promise<PinRecord> {
    // Who reads page by page goes on from the last one's time.
    this.#newest = Math.max(Date.now(), this.#newest + 1)
    const record: PinRecord = { ...wanted, requestId: randomUUID(), status: 'queued', created: this.#newest }
    this.#records.set(record.requestId, record)
    await this.#write(record)
    return record
  }

  /** Does nothing where it was removed meanwhile. */
  async become(requestId: string, outcome: PinOutcome): Promise<void> {
    const record = this.#records.get(requestId)
    if (record === undefined) return
    const { reason: _, bytes: __, ...rest } = record
    const next = { ...rest, ...outcome }
    this.#records.set(requestId, next)
    await this.#write(next)
  }

  async remove(requestId: string): Promise<void> {
    this.#records.delete(requestId)
    await this.#inTurn(() => this.#store.delete(keyOf(requestId)))
  }

  async #write(record: PinRecord): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify({ v: VERSION, ...record }))
    await this.#inTurn(async () => {
      if (this.#records.has(record.requestId)) await this.#store.put(keyOf(record.requestId), bytes)
    })
  }

  async #inTurn(write: () => unknown): Promise<void> {
    const turn = this.#written.then(write)
    this.#written = turn.catch(() => undefined)
    await turn
  }
}

function keyOf(requestId: string): Key {
  return new Key(`${PREFIX}/${requestId}`)
}

/** Undefined for what another version wrote, or a failing disk. */
function readRecord(row: Uint8Array): PinRecord | undefined {
  const fields = parseJson(new TextDecoder().decode(row))
  if (!isMap(fields) || fields['v'] !== VERSION) return undefined
  const { requestId, cid, name, origins, meta, status, created, reason, bytes } = fields
  const known = PIN_STATUSES.find((one) => one === status)
  if (typeof requestId !== 'string' || typeof cid !== 'string' || typeof created !== 'number' || known === undefined) return undefined
  return {
    ...{ requestId, cid, created, status: known },
    origins: Array.isArray(origins) ? origins.map(String) : [],
    meta: isMap(meta) ? Object.fromEntries(Object.entries(meta).map(([key, value]) => [key, String(value)])) : {},
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(typeof bytes === 'number' ? { bytes } : {}),
  }
}
