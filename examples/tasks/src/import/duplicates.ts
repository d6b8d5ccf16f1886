import type { Task } from '../model/task.js'
import type { Candidate } from './read-rows.js'

/**
 * The candidates that the board has already: by id where they have one (a task's own id, or the one it was imported with), else those
 * that are alike in everything a file holds.
 */
export function findDuplicates(candidates: readonly Candidate[], tasks: ReadonlyMap<string, Task>): ReadonlySet<Candidate> {
  const ids = new Set<string>(tasks.keys())
  const contents = new Set<string>()
  for (const task of tasks.values()) {
    if (task.externalId !== undefined) ids.add(task.externalId)
    contents.add(contentOf(task))
  }
  return new Set(
    candidates.filter(({ task }) => (task.externalId === undefined ? contents.has(contentOf(task)) : ids.has(task.externalId))),
  )
}

function contentOf({ title, notes, assignee, due }: Pick<Task, 'title' | 'notes' | 'assignee' | 'due'>): string {
  return JSON.stringify([title, notes, assignee, due])
}
