import type { ValueMap } from 'spicetime'

/** A task of about 300 bytes, as the board keeps them. */
export function taskRecord(index: number): ValueMap {
  return {
    title: `Look into the report of the customer in case ${index}`,
    notes: 'They say that the list does not come back after a reload; it may be the cache, or the order in which it is written.',
    assignee: 'ada@example.org',
    due: '2026-12-01',
    status: index % 3 === 0 ? 'done' : 'todo',
    order: `a${index}`,
    done: index % 3 === 0,
    votes: index,
  }
}

export function keyOf(index: number): string {
  return String(index).padStart(6, '0')
}
