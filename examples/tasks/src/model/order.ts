import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing'
import type { Task } from './task.js'

export interface Placement {
  readonly id: string
  readonly order: string
}

type Ordered = Pick<Task, 'id' | 'order'>

/** Negative when `a` stands above `b`. Plain code-unit order: every device sorts alike, whatever its language. */
export function compareTasks(a: Ordered, b: Ordered): number {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

/**
 * The order keys that put `id` at `index` of a sorted column that does not hold it: one placement, and one for each task after it
 * that has the same key as the one before it (two devices can add to one place at once).
 */
export function placeAt(column: readonly Ordered[], index: number, id: string): readonly Placement[] {
  const before = index > 0 ? column[index - 1] : undefined
  const lower = validKey(before?.order)
  const moved: string[] = [id]
  let next = index
  while (next < column.length) {
    const key = validKey(column[next]?.order)
    if (key !== null && (lower === null || key > lower)) break
    const tied = column[next]
    if (tied !== undefined) moved.push(tied.id)
    next += 1
  }
  const keys = generateNKeysBetween(lower, validKey(column[next]?.order), moved.length)
  return moved.map((each, position) => ({ id: each, order: keys[position] ?? '' }))
}

/** `count` keys after the last task of a column, in order. */
export function keysAfter(column: readonly Ordered[], count: number): readonly string[] {
  return generateNKeysBetween(validKey(column.at(-1)?.order), null, count)
}

/** The key itself, or null when it is none: another program may have written anything. */
function validKey(key: string | undefined): string | null {
  if (key === undefined || key === '') return null
  try {
    generateKeyBetween(key, null)
    return key
  } catch {
    // Not a key: the task sorts by what it has, and gets a good key when it is next moved.
    return null
  }
}
