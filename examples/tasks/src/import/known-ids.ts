import type { Task } from '../model/task.js'

/** Ids by which a row may be on the board already: its id in the tool it came from, and the board's own, which exports carry. */
export function knownIds(tasks: Iterable<Task>): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const task of tasks) {
    ids.add(task.id)
    if (task.externalId !== undefined) ids.add(task.externalId)
  }
  return ids
}
