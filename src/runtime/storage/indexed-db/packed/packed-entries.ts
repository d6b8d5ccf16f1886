import { crc32 } from '../../crc32.js'

/*
 * One row of the database holds many entries. All numbers are unsigned, 32 bits, little endian.
 *
 *   header   'S' 'T' version kind · CRC of [8, end of keys) · number of entries · bytes of all keys
 *   records  of 20 bytes, one per entry: key at · key length · value at · value length (REMOVED for a removal) · CRC of key and value
 *   keys     one after the other, ASCII
 *   values   one after the other
 *
 * The head is checked when the row is read, a value when it is asked for; each entry has a CRC of its own, so that what
 * is damaged costs no more than itself, and an entry that moves to another page takes its CRC along.
 */

/** `page`: sorted by key, no removals. `commit`: in any order, removals included. */
export type PackedKind = 'page' | 'commit'

export interface PackedEntry {
  readonly key: string
  /** undefined: the key is removed. */
  readonly value: Uint8Array | undefined
  /** Known when the entry comes from a row; made when it is new. */
  readonly crc?: number
}

export const PACKED_VERSION = 1
export const HEADER_BYTES = 16
export const RECORD_BYTES = 20
export const REMOVED = 0xffffffff
/** A value that is there and whose checksum does not hold. */
export const DAMAGED: unique symbol = Symbol('damaged')

const KIND_CODES = { page: 0x50, commit: 0x43 } as const
const DECODER = new TextDecoder()

/** Bytes that an entry takes in a row. */
export function entryBytes(entry: PackedEntry): number {
  return RECORD_BYTES + entry.key.length + (entry.value?.byteLength ?? 0)
}

/** Packs entries into one row. */
export function packEntries(kind: PackedKind, entries: readonly PackedEntry[]): Uint8Array<ArrayBuffer> {
  let keyBytes = 0
  let total = HEADER_BYTES
  for (const entry of entries) {
    keyBytes += entry.key.length
    total += entryBytes(entry)
  }
  const bytes = new Uint8Array(total)
  const view = new DataView(bytes.buffer)
  let keyAt = HEADER_BYTES + RECORD_BYTES * entries.length
  const headEnd = keyAt + keyBytes
  let valueAt = headEnd
  let record = HEADER_BYTES
  for (const { key, value, crc } of entries) {
    for (let at = 0; at < key.length; at++) bytes[keyAt + at] = key.charCodeAt(at)
    if (value !== undefined) bytes.set(value, valueAt)
    const slot = { keyAt, keyLength: key.length, valueAt, valueLength: value === undefined ? REMOVED : value.byteLength }
    writeSlot(view, record, slot)
    view.setUint32(record + 16, crc ?? entryCrc(bytes, slot), true)
    record += RECORD_BYTES
    keyAt += key.length
    valueAt += value?.byteLength ?? 0
  }
  bytes[0] = 0x53
  bytes[1] = 0x54
  bytes[2] = PACKED_VERSION
  bytes[3] = KIND_CODES[kind]
  view.setUint32(8, entries.length, true)
  view.setUint32(12, keyBytes, true)
  view.setUint32(4, crc32(bytes, 0, [8, headEnd]), true)
  return bytes
}

export interface Slot {
  readonly keyAt: number
  readonly keyLength: number
  readonly valueAt: number
  readonly valueLength: number
}

/** The CRC of one entry where it lies; its value must lie within the row. */
export function entryCrc(bytes: Uint8Array, slot: Slot): number {
  const ofKey = crc32(bytes, slot.valueLength, [slot.keyAt, slot.keyAt + slot.keyLength])
  return slot.valueLength === REMOVED ? ofKey : crc32(bytes, ofKey, [slot.valueAt, slot.valueAt + slot.valueLength])
}

/** A row whose head holds. Keys are trusted, values are checked when they are asked for. */
export class PackedEntries {
  readonly bytes: Uint8Array
  readonly count: number
  readonly #view: DataView
  readonly #keysAt: number
  readonly #keyBytes: number
  #keys: string | undefined

  private constructor(bytes: Uint8Array, view: DataView) {
    this.bytes = bytes
    this.#view = view
    this.count = view.getUint32(8, true)
    this.#keyBytes = view.getUint32(12, true)
    this.#keysAt = HEADER_BYTES + RECORD_BYTES * this.count
  }

  /** undefined when the head is damaged: see `salvage`. */
  static read(kind: PackedKind, bytes: Uint8Array): PackedEntries | undefined {
    if (bytes.byteLength < HEADER_BYTES) return undefined
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (bytes[0] !== 0x53 || bytes[1] !== 0x54 || bytes[2] !== PACKED_VERSION || bytes[3] !== KIND_CODES[kind]) return undefined
    const headEnd = HEADER_BYTES + RECORD_BYTES * view.getUint32(8, true) + view.getUint32(12, true)
    if (headEnd > bytes.byteLength || crc32(bytes, 0, [8, headEnd]) !== view.getUint32(4, true)) return undefined
    return new PackedEntries(bytes, view)
  }

  /** Packs entries and opens the row, without checking what was made a moment ago. */
  static pack(kind: PackedKind, entries: readonly PackedEntry[]): PackedEntries {
    const bytes = packEntries(kind, entries)
    return new PackedEntries(bytes, new DataView(bytes.buffer))
  }

  keyAt(index: number): string {
    // One decoding for all keys, and slices of it, cost a fraction of a decoding for each.
    this.#keys ??= DECODER.decode(this.bytes.subarray(this.#keysAt, this.#keysAt + this.#keyBytes))
    const record = HEADER_BYTES + RECORD_BYTES * index
    const start = this.#view.getUint32(record, true) - this.#keysAt
    return this.#keys.substring(start, start + this.#view.getUint32(record + 4, true))
  }

  /** A view of the row's bytes; undefined for a removal. */
  valueAt(index: number): Uint8Array | undefined | typeof DAMAGED {
    const slot = readSlot(this.#view, index)
    if (slot.valueLength !== REMOVED && slot.valueAt + slot.valueLength > this.bytes.byteLength) return DAMAGED
    if (entryCrc(this.bytes, slot) !== this.crcAt(index)) return DAMAGED
    return this.uncheckedValueAt(index)
  }

  /** For rows that were packed a moment ago, and for entries that move with their CRC. A truncated value comes shorter. */
  uncheckedValueAt(index: number): Uint8Array | undefined {
    const record = HEADER_BYTES + RECORD_BYTES * index
    const length = this.#view.getUint32(record + 12, true)
    if (length === REMOVED) return undefined
    const at = this.#view.getUint32(record + 8, true)
    return this.bytes.subarray(at, at + length)
  }

  crcAt(index: number): number {
    return this.#view.getUint32(HEADER_BYTES + RECORD_BYTES * index + 16, true)
  }

  /** Index of the first entry whose key is not below `key`; for pages only. */
  lowerBound(key: string): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.keyAt(middle) < key) low = middle + 1
      else high = middle
    }
    return low
  }
}

export function readSlot(view: DataView, index: number): Slot {
  const record = HEADER_BYTES + RECORD_BYTES * index
  return {
    keyAt: view.getUint32(record, true),
    keyLength: view.getUint32(record + 4, true),
    valueAt: view.getUint32(record + 8, true),
    valueLength: view.getUint32(record + 12, true),
  }
}

function writeSlot(view: DataView, record: number, slot: Slot): void {
  view.setUint32(record, slot.keyAt, true)
  view.setUint32(record + 4, slot.keyLength, true)
  view.setUint32(record + 8, slot.valueAt, true)
  view.setUint32(record + 12, slot.valueLength, true)
}
