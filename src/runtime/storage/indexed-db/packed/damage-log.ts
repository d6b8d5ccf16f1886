import type { DamagedRecord } from '../../store.js'
import type { DamagedRow } from './packed-disk.js'
import type { LostEntry } from './salvage.js'

/** Kept in memory and shown; the database may hold more. */
const MAX_SHOWN = 1000
/** Bytes kept of one damaged record. */
const MAX_BYTES_KEPT = 64 * 1024

/** What could not be read: each damage is told once. */
export class DamageLog {
  readonly #records: DamagedRecord[] = []
  readonly #places = new Set<string>()
  readonly #onDamaged: (record: DamagedRecord) => void

  constructor(onDamaged: (record: DamagedRecord) => void) {
    this.#onDamaged = onDamaged
  }

  /** What earlier lives of the store found. */
  recall(rows: readonly DamagedRow[]): void {
    for (const row of rows) this.#remember(row)
  }

  report(rows: readonly DamagedRow[]): void {
    for (const row of rows) {
      if (this.#places.has(row.place)) continue
      this.#remember(row)
      this.#onDamaged({ key: row.key, reason: row.reason })
    }
  }

  records(): readonly DamagedRecord[] {
    return this.#records
  }

  #remember(row: DamagedRow): void {
    if (this.#places.size >= MAX_SHOWN) return
    this.#places.add(row.place)
    this.#records.push({ key: row.key, reason: row.reason })
  }
}

/** Names the lost entries of a page. */
export function lostFromPage(page: { readonly key: string; readonly upper: string | undefined }, lost: readonly LostEntry[]): DamagedRow[] {
  return lost.map((entry) => ({
    place: `page ${page.key} / ${entry.key ?? `${entry.after ?? ''}+${entry.slot}`}`,
    key: entry.key ?? `between '${entry.after ?? page.key}' and '${entry.before ?? page.upper ?? '~'}'`,
    reason: 'its stored bytes do not match their checksum',
    bytes: entry.bytes.slice(0, MAX_BYTES_KEPT),
  }))
}

/** Names the lost entries of a commit row. */
export function lostFromCommit(sequence: number, lost: readonly LostEntry[]): DamagedRow[] {
  return lost.map((entry) => ({
    place: `commit ${sequence} / ${entry.slot}`,
    key: entry.key ?? `unknown (change ${entry.slot} of commit ${sequence})`,
    reason: 'its last change, in the commit log, does not match its checksum',
    bytes: entry.bytes.slice(0, MAX_BYTES_KEPT),
  }))
}
