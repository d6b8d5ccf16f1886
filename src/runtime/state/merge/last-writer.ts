import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { EventId } from '../../model/event.js'
import type { Value } from '../../model/value.js'
import type { FoldEntry, Rejection } from './fold-entry.js'
import { applyPlain } from './plain-operations.js'

export interface Folded {
  readonly value: Value | undefined
  readonly rejected: ReadonlyMap<EventId, Rejection>
}

/** Negative when `a` comes first: by time, then by EventId. */
export function compareWriters(a: Pick<FoldEntry, 'time' | 'id'>, b: Pick<FoldEntry, 'time' | 'id'>): number {
  return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

/** The last writer by (time, EventId): all events in that order, without those that were undone. Pure. */
export function foldLastWriter(entries: readonly FoldEntry[]): Folded {
  return foldInOrder(entries.toSorted(compareWriters))
}

/** Applies the entries as they come. One that does not fit what it meets is rejected, the same way on every device. */
export function foldInOrder(entries: readonly FoldEntry[]): Folded {
  const undone = new Set(entries.flatMap((entry) => (entry.target === undefined ? [] : [entry.target])))
  const rejected = new Map<EventId, Rejection>()
  let value: Value | undefined
  for (const entry of entries) {
    if (entry.target !== undefined || undone.has(entry.id)) continue
    const outcome = tryApply(value, entry)
    if ('rejection' in outcome) rejected.set(entry.id, outcome.rejection)
    else value = outcome.value
  }
  return { value, rejected }
}

export function tryApply(
  value: Value | undefined,
  entry: FoldEntry,
): { readonly value: Value | undefined } | { readonly rejection: Rejection } {
  try {
    return { value: applyPlain(value, entry.operation) }
  } catch (error) {
    if (!isSpiceTimeError(error)) throw error
    return { rejection: { code: 'VALUE_TYPE_CLASH', reason: error.message } }
  }
}
