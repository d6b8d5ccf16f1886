import { parseEventId } from '../../codec/event-id.js'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { Cursor } from '../../model/cursor.js'
import type { EventId } from '../../model/event.js'
import type { ChainOrder } from '../../model/receipt.js'

/** An event that was brought while its slot was not final. */
export interface ToldEvent {
  readonly id: EventId
  readonly signature: string
  readonly order: ChainOrder
}

/** How far the reading of one space got. Everything up to the slot is final and was brought; what lies above is read again each time. */
export interface Ground {
  readonly slot: number
  /** The newest transaction in it; empty at the very start. */
  readonly signature: string
  readonly told: readonly ToldEvent[]
}

export const START: Ground = { slot: -1, signature: '', told: [] }

/** What a cursor says: which chain its spaces were read on, by genesis hash, and how far each. */
export interface ReadingCursor {
  readonly chain: string
  /** By space reference. */
  readonly grounds: ReadonlyMap<string, Ground>
}

/** Undefined for the start. @throws SpiceTimeError INPUT_MALFORMED */
export function parseCursor(cursor: Cursor): ReadingCursor | undefined {
  if (cursor === '') return undefined
  try {
    const [version, chain, grounds, ...rest]: readonly unknown[] = list(JSON.parse(cursor))
    if (version !== 1 || typeof chain !== 'string' || rest.length > 0) throw new Error('another form')
    return { chain, grounds: new Map(list(grounds).map(parseGround)) }
  } catch (error) {
    const message = `'${cursor.slice(0, 40)}' is no cursor of Solana. Pull again from the start.`
    throw new SpiceTimeError('INPUT_MALFORMED', message, { network: 'solana' }, error)
  }
}

export function formatCursor({ chain, grounds }: ReadingCursor): Cursor {
  const spaces = [...grounds].map(([space, { slot, signature, told }]) => [space, slot, signature, told.map(formatTold)])
  return JSON.stringify([1, chain, spaces]) as Cursor
}

function formatTold({ id, signature, order }: ToldEvent): readonly unknown[] {
  return [id, signature, ...order]
}

function parseGround(foreign: unknown): readonly [string, Ground] {
  const [space, slot, signature, told] = list(foreign)
  if (typeof space !== 'string' || typeof slot !== 'number' || typeof signature !== 'string') throw new Error('no ground')
  return [space, { slot, signature, told: list(told).map(parseTold) }]
}

function parseTold(foreign: unknown): ToldEvent {
  const [id, signature, slot, index, position] = list(foreign)
  if (typeof signature !== 'string') throw new Error('no event')
  if (typeof slot !== 'number' || typeof index !== 'number' || typeof position !== 'number') throw new Error('no order')
  return { id: parseEventId(id), signature, order: [slot, index, position] }
}

function list(foreign: unknown): readonly unknown[] {
  if (Array.isArray(foreign)) return foreign
  throw new Error('not a list')
}
