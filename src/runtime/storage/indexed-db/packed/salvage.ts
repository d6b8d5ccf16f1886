import { MAX_KEY_LENGTH } from '../../store.js'
import { HEADER_BYTES, RECORD_BYTES, REMOVED, entryCrc, readSlot } from './packed-entries.js'
import type { PackedEntry, PackedKind, Slot } from './packed-entries.js'

/** An entry of a row that could not be read. */
export interface LostEntry {
  /** Position in the row. */
  readonly slot: number
  /** The key, where it can still be made out. */
  readonly key: string | undefined
  /** The nearest keys around it that were read; for pages only. */
  readonly after: string | undefined
  readonly before: string | undefined
  /** What lies at its place, for a later look by hand. */
  readonly bytes: Uint8Array
}

export interface Salvaged {
  readonly entries: readonly PackedEntry[]
  readonly lost: readonly LostEntry[]
}

const PRINTABLE = /^[\x20-\x7e]+$/

/**
 * Reads whatever of a row still has a right checksum, without trust in its head: each record says by itself where its
 * key and value are and what their CRC is.
 */
export function salvage(kind: PackedKind, bytes: Uint8Array): Salvaged {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const most = Math.max(0, Math.floor((bytes.byteLength - HEADER_BYTES) / RECORD_BYTES))
  const found = new Map<number, PackedEntry>()
  const claimed = bytes.byteLength < HEADER_BYTES ? 0 : view.getUint32(8, true)
  let count = claimed > 0 && claimed <= most ? claimed : most
  const trusted = count
  let fromFirst: number | undefined
  for (let index = 0; index < Math.min(most, Math.max(count, 1)); index++) {
    const entry = readEntry(bytes, view, index)
    if (entry === undefined) continue
    found.set(index, entry)
    if (index > 0) continue
    // Keys follow the records, so the first entry says where the records end, whatever the header claims.
    fromFirst = Math.min(most, Math.floor((readSlot(view, 0).keyAt - HEADER_BYTES) / RECORD_BYTES))
    count = claimed === trusted ? Math.max(trusted, fromFirst) : fromFirst
  }
  // The same key may lie elsewhere by chance, so a damaged first entry can read well: then the last one that reads tells who is right.
  if (fromFirst !== undefined) count = claimed === trusted && Math.max(...found.keys()) + 1 === claimed ? claimed : fromFirst
  if (found.size === 0) return { entries: [], lost: [wholeRow(bytes)] }
  if (count !== claimed && !found.has(0)) count = Math.max(...found.keys()) + 1
  return sift({ bytes, view, count, found, kind })
}

interface Found {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly count: number
  readonly found: ReadonlyMap<number, PackedEntry>
  readonly kind: PackedKind
}

/** What was found in its order, and what is missing from it. */
function sift({ bytes, view, count, found, kind }: Found): Salvaged {
  const slots = [...found.keys()].filter((index) => index < count)
  const inOrder = kind === 'commit' ? slots : slots.filter((index, at) => at === 0 || keyOf(found, slots[at - 1]) < keyOf(found, index))
  const good = new Set(inOrder)
  const lost: LostEntry[] = []
  for (let index = 0; index < count; index++) if (!good.has(index)) lost.push(describeLost(bytes, view, { index, count, found, kind }))
  return { entries: inOrder.flatMap((index) => found.get(index) ?? []), lost }
}

function keyOf(found: ReadonlyMap<number, PackedEntry>, index: number | undefined): string {
  return (index === undefined ? undefined : found.get(index)?.key) ?? ''
}

function readEntry(bytes: Uint8Array, view: DataView, index: number): PackedEntry | undefined {
  const slot = readSlot(view, index)
  if (!keyFits(slot, bytes)) return undefined
  if (slot.valueLength !== REMOVED && slot.valueAt + slot.valueLength > bytes.byteLength) return undefined
  const crc = view.getUint32(HEADER_BYTES + RECORD_BYTES * index + 16, true)
  if (entryCrc(bytes, slot) !== crc) return undefined
  const key = readKey(bytes, slot)
  if (!PRINTABLE.test(key)) return undefined
  return { key, crc, value: slot.valueLength === REMOVED ? undefined : bytes.subarray(slot.valueAt, slot.valueAt + slot.valueLength) }
}

function keyFits(slot: Slot, bytes: Uint8Array): boolean {
  return slot.keyLength > 0 && slot.keyLength <= MAX_KEY_LENGTH && slot.keyAt + slot.keyLength <= bytes.byteLength
}

function readKey(bytes: Uint8Array, slot: Slot): string {
  return String.fromCharCode(...bytes.subarray(slot.keyAt, slot.keyAt + slot.keyLength))
}

interface Place {
  readonly index: number
  readonly count: number
  readonly found: ReadonlyMap<number, PackedEntry>
  readonly kind: PackedKind
}

function describeLost(bytes: Uint8Array, view: DataView, place: Place): LostEntry {
  const slot = readSlot(view, place.index)
  const after = place.kind === 'page' ? neighbour(place, -1) : undefined
  const before = place.kind === 'page' ? neighbour(place, 1) : undefined
  const guess = keyFits(slot, bytes) ? readKey(bytes, slot) : undefined
  const likely =
    guess !== undefined && PRINTABLE.test(guess) && (after === undefined || after < guess) && (before === undefined || guess < before)
  const end = slot.valueLength === REMOVED ? slot.valueAt : slot.valueAt + slot.valueLength
  return { slot: place.index, key: likely ? guess : undefined, after, before, bytes: bytes.slice(slot.valueAt, end) }
}

function neighbour({ index, count, found }: Place, step: 1 | -1): string | undefined {
  for (let at = index + step; at >= 0 && at < count; at += step) {
    const entry = found.get(at)
    if (entry !== undefined) return entry.key
  }
  return undefined
}

function wholeRow(bytes: Uint8Array): LostEntry {
  return { slot: 0, key: undefined, after: undefined, before: undefined, bytes: bytes.slice() }
}
