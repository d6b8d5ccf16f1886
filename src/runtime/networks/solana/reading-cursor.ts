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
  /** It was told without its place, since a list before it is missing. */
  readonly held?: true
}

/** How far the reading of one space got. Everything up to the slot is final and was brought; what lies above is read again each time. */
export interface Ground {
  readonly slot: number
  /** The newest transaction in it; empty at the very start. */
  readonly signature: string
  readonly told: readonly ToldEvent[]
  /** A list is missing there: what lies from there up to the slot was told without its place, and is remembered in rows. */
  readonly held?: ChainOrder | undefined
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
  const spaces = [...grounds].map(([space, { slot, signature, told, held }]) => [
    ...[space, slot, signature, told.map(formatTold)],
    ...(held === undefined ? [] : [held]),
  ])
  return JSON.stringify([1, chain, spaces]) as Cursor
}

function formatTold({ id, signature, order, held }: ToldEvent): readonly unknown[] {
  return [id, signature, ...order, ...(held === true ? [1] : [])]
}

function parseGround(foreign: unknown): readonly [string, Ground] {
  const [space, slot, signature, told, held] = list(foreign)
  if (typeof space !== 'string' || typeof slot !== 'number' || typeof signature !== 'string') throw new Error('no ground')
  const ground = { slot, signature, told: list(told).map(parseTold) }
  return [space, held === undefined ? ground : { ...ground, held: parseOrder(list(held)) }]
}

function parseTold(foreign: unknown): ToldEvent {
  const [id, signature, slot, index, position, held] = list(foreign)
  if (typeof signature !== 'string') throw new Error('no event')
  const told = { id: parseEventId(id), signature, order: parseOrder([slot, index, position]) }
  return held === 1 ? { ...told, held: true } : told
}

function parseOrder([slot, index, position]: readonly unknown[]): ChainOrder {
  if (typeof slot !== 'number' || typeof index !== 'number' || typeof position !== 'number') throw new Error('no order')
  return [slot, index, position]
}

function list(foreign: unknown): readonly unknown[] {
  if (Array.isArray(foreign)) return foreign
  throw new Error('not a list')
}
