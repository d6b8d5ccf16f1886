import { entryBytes } from './packed-entries.js'
import type { PackedEntries, PackedEntry } from './packed-entries.js'

export interface MergedEntry extends PackedEntry {
  /** Its key was not in the page before. */
  readonly fresh: boolean
}

export type Change = readonly [key: string, value: Uint8Array | undefined]

/** A page's entries with changes (sorted by key) applied. Stored values are carried over with their CRC, unread. */
export function mergePage(page: PackedEntries | undefined, changes: readonly Change[]): MergedEntry[] {
  const merged: MergedEntry[] = []
  const count = page?.count ?? 0
  let at = 0
  for (const [key, value] of changes) {
    for (; page !== undefined && at < count && page.keyAt(at) < key; at++) merged.push(carried(page, at))
    const replaces = page !== undefined && at < count && page.keyAt(at) === key
    if (replaces) at++
    if (value !== undefined) merged.push({ key, value, fresh: !replaces })
  }
  for (; page !== undefined && at < count; at++) merged.push(carried(page, at))
  return merged
}

function carried(page: PackedEntries, index: number): MergedEntry {
  return { key: page.keyAt(index), value: page.uncheckedValueAt(index), crc: page.crcAt(index), fresh: false }
}

/** One page's share of the entries. */
export interface Piece {
  readonly key: string
  readonly entries: readonly PackedEntry[]
}

/**
 * Divides the entries of one page (or of neighbours that are merged) into pages of at most `maxBytes`.
 *
 * What does not fit is cut where the first segment of the keys changes, so that a log that grows at its end has its last
 * page for itself. Of such a part, entries that were appended fill pages to the brim, since nothing will come between
 * them; a part that was written all over is cut evenly, with room to grow.
 */
export function splitPage(key: string, entries: readonly MergedEntry[], maxBytes: number): Piece[] {
  if (entries.length === 0) return []
  if (sizeOf(entries) <= maxBytes) return [{ key, entries }]
  const groups = bySegment(entries).flatMap((part) => splitPart(part, maxBytes))
  return groups.map((group, at) => ({
    key: at === 0 ? key : separator(groups[at - 1]?.at(-1)?.key ?? '', group[0]?.key ?? ''),
    entries: group,
  }))
}

function splitPart(part: readonly MergedEntry[], maxBytes: number): (readonly MergedEntry[])[] {
  const total = sizeOf(part)
  if (total <= maxBytes) return [part]
  const appended = freshRun(part)
  if (appended === undefined) return fill(part, total / Math.ceil(total / (maxBytes * EVEN_FILL)), maxBytes)
  return [...fill(part.slice(0, appended), maxBytes, maxBytes), ...fill(part.slice(appended), maxBytes, maxBytes)]
}

/** How full pages are made where entries may come in between later. */
const EVEN_FILL = 0.75

/** Where the fresh entries end, if they are all in one place. */
function freshRun(part: readonly MergedEntry[]): number | undefined {
  let runs = 0
  let end = 0
  for (const [at, entry] of part.entries()) {
    if (!entry.fresh) continue
    if (at === 0 || part[at - 1]?.fresh !== true) runs++
    end = at + 1
  }
  return runs === 1 ? end : undefined
}

/** Groups of at least `target` bytes (the last may be smaller), none above `maxBytes` unless one entry is. */
function fill(entries: readonly MergedEntry[], target: number, maxBytes: number): (readonly MergedEntry[])[] {
  const groups: MergedEntry[][] = []
  let group: MergedEntry[] = []
  let bytes = 0
  for (const entry of entries) {
    const size = entryBytes(entry)
    if (group.length > 0 && (bytes >= target || bytes + size > maxBytes)) {
      groups.push(group)
      group = []
      bytes = 0
    }
    group.push(entry)
    bytes += size
  }
  if (group.length > 0) groups.push(group)
  return groups
}

function bySegment(entries: readonly MergedEntry[]): MergedEntry[][] {
  const parts: MergedEntry[][] = []
  let segment: string | undefined
  for (const entry of entries) {
    const own = entry.key.slice(0, entry.key.indexOf('/') + 1)
    if (own !== segment) parts.push([])
    segment = own
    parts.at(-1)?.push(entry)
  }
  return parts
}

/** The shortest key that is above `left` and not above `right`. */
export function separator(left: string, right: string): string {
  let length = 1
  while (right.slice(0, length) <= left && length < right.length) length++
  return right.slice(0, length)
}

export function sizeOf(entries: readonly PackedEntry[]): number {
  return entries.reduce((sum, entry) => sum + entryBytes(entry), 0)
}
