import { decodeFields, encode } from '../../codec/dag-cbor.js'
import { parseEventId } from '../../codec/event-id.js'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { Cursor } from '../../model/cursor.js'
import type { EventId } from '../../model/event.js'
import { isLevel } from '../../model/network.js'
import type { Level } from '../../model/network.js'
import { isValueList } from '../../model/value.js'
import type { NetworkRows } from '../provider-parts.js'
import type { RowChange } from './kept-content.js'

/** What a pull tells: an event that came, or a level that events reached or lost. */
export type JournalEntry =
  | { readonly kind: 'event'; readonly event: EventId; readonly level: Level }
  | { readonly kind: 'level'; readonly events: readonly EventId[]; readonly level: Level; readonly lowered: boolean }

const LOG = 'log/'
const DIGITS = 12
/** Rows that one listing reads: those whose numbers differ in the last digits alone. */
const BLOCK_DIGITS = 3
const BLOCK = 10 ** BLOCK_DIGITS

/** What this device's storage has to tell the runtime, in the order in which it came about. */
export class Journal {
  readonly #rows: NetworkRows
  #next = 0

  private constructor(rows: NetworkRows, next: number) {
    this.#rows = rows
    this.#next = next
  }

  static async open(rows: NetworkRows): Promise<Journal> {
    const last = (await rows.list(LOG)).at(-1)
    return new Journal(rows, last === undefined ? 0 : Number(last[0].slice(LOG.length)) + 1)
  }

  get length(): number {
    return this.#next
  }

  /** Rows for the entries, at the next places: to be written in one transaction with what they tell of. */
  rowsFor(entries: readonly JournalEntry[]): readonly RowChange[] {
    return entries.map((entry) => [keyOf(this.#next++), encode(entry)])
  }

  async *from(position: number): AsyncGenerator<{ readonly position: number; readonly entry: JournalEntry }> {
    for (let block = Math.floor(position / BLOCK); block * BLOCK < this.#next; block++) {
      for (const [key, row] of await this.#rows.list(LOG + String(block).padStart(DIGITS - BLOCK_DIGITS, '0'))) {
        const at = Number(key.slice(LOG.length))
        const entry = entryOf(row)
        if (at >= position && entry !== undefined) yield { position: at, entry }
      }
    }
  }
}

export function positionOf(cursor: Cursor): number {
  if (/^\d{0,12}$/.test(cursor)) return Number(cursor)
  throw new SpiceTimeError('INPUT_MALFORMED', `'${cursor.slice(0, 40)}' is no place in this device's storage.`, { network: 'ipfs' })
}

export function cursorAt(position: number): Cursor {
  return String(position) as Cursor
}

function keyOf(position: number): string {
  return LOG + String(position).padStart(DIGITS, '0')
}

function entryOf(row: Uint8Array): JournalEntry | undefined {
  const { kind, event, events, level, lowered } = decodeFields(row)
  if (!isLevel(level)) return undefined
  if (kind === 'event') return { kind, event: parseEventId(event), level }
  return kind === 'level' && isValueList(events)
    ? { kind, level, lowered: lowered === true, events: events.map((id) => parseEventId(id)) }
    : undefined
}
