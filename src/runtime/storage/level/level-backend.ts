import { crc32 } from '../crc32.js'
import type { BackendPage, StoreBackend } from '../group-commit.js'
import type { Layer } from '../merge-layers.js'
import type { DamagedRecord, KeyRange, StoreEntry } from '../store.js'
import type { Level, LevelDatabase } from './level-database.js'

/** Entries and bytes of one page of a range. */
const PAGE_ENTRIES = 256
const PAGE_BYTES = 64 * 1024
const CRC_BYTES = 4
/** The store's keys are printable; what lies before them in the database is not the store's. */
const FIRST_KEY = ' '

/** Records in LevelDB, one row each: a CRC-32 (little endian), then the value. */
export class LevelBackend implements StoreBackend {
  readonly #database: LevelDatabase
  readonly #damaged: DamagedRecord[]
  readonly #onDamaged: (record: DamagedRecord) => void
  readonly #known = new Set<string>()
  closed = false

  constructor(database: LevelDatabase, damaged: DamagedRecord[], onDamaged: (record: DamagedRecord) => void) {
    this.#database = database
    this.#damaged = damaged
    this.#onDamaged = onDamaged
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#unwrap(key, await this.#database.read((level) => level.get(key)))
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    const rows = await this.#database.read((level) => level.getMany([...keys]))
    return keys.map((key, index) => this.#unwrap(key, rows[index]))
  }

  async read(range: KeyRange, pages: number): Promise<BackendPage> {
    const most = Math.min(range.limit ?? Infinity, pages * PAGE_ENTRIES)
    const rows = await this.#database.read((level) => readRows(level, range, { most, bytes: pages * PAGE_BYTES }))
    const entries: StoreEntry[] = []
    for (const [key, row] of rows.found) {
      const value = this.#unwrap(key, row)
      if (value !== undefined) entries.push([key, value])
    }
    const last = rows.found.at(-1)
    if (rows.ended || last === undefined) return { entries, rest: undefined }
    return { entries, rest: range.reverse === true ? { ...range, to: last[0] } : { ...range, from: `${last[0]}\u0000` } }
  }

  commit(changes: Layer): Promise<void> {
    const operations = Array.from(changes.entries(), ([key, value]) =>
      value === undefined ? ({ type: 'del', key } as const) : ({ type: 'put', key, value: wrap(value) } as const),
    )
    return this.#database.write((level) => level.batch(operations, { sync: true }))
  }

  damaged(): readonly DamagedRecord[] {
    return this.#damaged
  }

  async close(): Promise<void> {
    this.closed = true
    await this.#database.close()
  }

  #unwrap(key: string, row: Uint8Array | undefined): Uint8Array | undefined {
    if (row === undefined) return undefined
    const value = unwrap(row)
    if (value === undefined && !this.#known.has(key)) {
      this.#known.add(key)
      const record = { key, reason: 'its stored bytes do not match their checksum' }
      this.#damaged.push(record)
      this.#onDamaged(record)
    }
    return value
  }
}

/** A row: the value behind its checksum. */
export function wrap(value: Uint8Array): Uint8Array {
  const row = new Uint8Array(CRC_BYTES + value.byteLength)
  row.set(value, CRC_BYTES)
  new DataView(row.buffer).setUint32(0, crc32(value, 0, [0, value.byteLength]), true)
  return row
}

/** The value of a row; undefined when it is damaged. */
export function unwrap(row: Uint8Array): Uint8Array | undefined {
  if (row.byteLength < CRC_BYTES) return undefined
  const crc = new DataView(row.buffer, row.byteOffset).getUint32(0, true)
  if (crc32(row, 0, [CRC_BYTES, row.byteLength]) !== crc) return undefined
  // LevelDB's rows are Node's Buffers, whose methods differ: a plain array of bytes is what everybody expects.
  return new Uint8Array(row.buffer, row.byteOffset + CRC_BYTES, row.byteLength - CRC_BYTES)
}

interface Rows {
  readonly found: readonly (readonly [string, Uint8Array])[]
  readonly ended: boolean
}

async function readRows(level: Level, range: KeyRange, limits: { readonly most: number; readonly bytes: number }): Promise<Rows> {
  const from = range.from < FIRST_KEY ? FIRST_KEY : range.from
  const iterator = level.iterator({ gte: from, lt: range.to, reverse: range.reverse === true, highWaterMarkBytes: limits.bytes })
  try {
    const found: [string, Uint8Array][] = []
    let bytes = 0
    while (found.length < limits.most && bytes < limits.bytes) {
      const rows = await iterator.nextv(limits.most - found.length)
      if (rows.length === 0) return { found, ended: true }
      for (const [, row] of rows) bytes += row.byteLength
      found.push(...rows)
    }
    return { found, ended: false }
  } finally {
    await iterator.close()
  }
}
