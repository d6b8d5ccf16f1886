import type { Columns } from './columns.js'
import { STATUSES } from './task.js'
import type { Status } from './task.js'

export type Direction = 'up' | 'down' | 'left' | 'right' | 'first' | 'last'

/** A place in a column. */
export interface Position {
  readonly status: Status
  readonly index: number
}

export function positionOf(columns: Columns, id: string | undefined): Position | undefined {
  if (id === undefined) return undefined
  for (const status of STATUSES) {
    const index = columns[status].findIndex((task) => task.id === id)
    if (index >= 0) return { status, index }
  }
  return undefined
}

/** The card that gets the focus after an arrow key; the first card of the board when none has it. */
export function stepFocus(columns: Columns, id: string | undefined, direction: Direction): string | undefined {
  const from = positionOf(columns, id)
  if (from === undefined) return firstCard(columns)
  const column = columns[from.status]
  if (direction === 'up') return column[Math.max(0, from.index - 1)]?.id
  if (direction === 'down') return column[Math.min(column.length - 1, from.index + 1)]?.id
  if (direction === 'first') return column[0]?.id
  if (direction === 'last') return column.at(-1)?.id
  return neighbourColumn(columns, from, direction === 'left' ? -1 : 1) ?? id
}

/**
 * Where a card at `from` lands after one step; undefined when there is nowhere to go. `index` counts the column without the card.
 * @param columns without regard to a search
 */
export function stepMove(columns: Columns, from: Position, direction: Direction): Position | undefined {
  const size = columns[from.status].length
  if (direction === 'up') return from.index > 0 ? { ...from, index: from.index - 1 } : undefined
  if (direction === 'down') return from.index < size - 1 ? { ...from, index: from.index + 1 } : undefined
  if (direction === 'first') return from.index > 0 ? { ...from, index: 0 } : undefined
  if (direction === 'last') return from.index < size - 1 ? { ...from, index: size - 1 } : undefined
  const status = STATUSES[STATUSES.indexOf(from.status) + (direction === 'left' ? -1 : 1)]
  return status === undefined ? undefined : { status, index: Math.min(from.index, columns[status].length) }
}

/** The card that takes the focus when `id` goes away: the one below it, else above it, else any. */
export function focusAfterRemoval(columns: Columns, id: string): string | undefined {
  const at = positionOf(columns, id)
  if (at === undefined) return undefined
  const column = columns[at.status]
  return column[at.index + 1]?.id ?? column[at.index - 1]?.id ?? STATUSES.flatMap((status) => columns[status].slice(0, 1))[0]?.id
}

function firstCard(columns: Columns): string | undefined {
  for (const status of STATUSES) {
    const first = columns[status][0]
    if (first !== undefined) return first.id
  }
  return undefined
}

/** The card at the same height in the next column that has any. */
function neighbourColumn(columns: Columns, from: Position, step: -1 | 1): string | undefined {
  for (let at = STATUSES.indexOf(from.status) + step; at >= 0 && at < STATUSES.length; at += step) {
    const status = STATUSES[at]
    const column = status === undefined ? [] : columns[status]
    const card = column[Math.min(from.index, column.length - 1)]
    if (card !== undefined) return card.id
  }
  return undefined
}

/** The place in the whole column for a place in the shown one (a search hides the rest); both without the card itself. */
export function placeInFull(full: readonly { readonly id: string }[], shown: readonly { readonly id: string }[], index: number): number {
  const above = shown[index - 1]
  if (above !== undefined) return full.findIndex((task) => task.id === above.id) + 1
  const below = shown[index]
  return below === undefined
    ? 0
    : Math.max(
        0,
        full.findIndex((task) => task.id === below.id),
      )
}
