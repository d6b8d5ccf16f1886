import type { Value, ValueMap } from 'spicetime'
import { compareTasks } from './order.js'
import { readTask, STATUSES } from './task.js'
import type { Status, Task } from './task.js'

export type Columns = { readonly [S in Status]: readonly Task[] }

/** All tasks of a board, arranged. */
export interface Arrangement {
  readonly tasks: ReadonlyMap<string, Task>
  readonly columns: Columns
  /** Documents of the collection that are not tasks. */
  readonly unreadable: number
}

/** Gives the task to show for a stored one; the same object where nothing is laid over it. */
export type Overlay = (task: Task) => Task

export const EMPTY_ARRANGEMENT: Arrangement = { tasks: new Map(), columns: { todo: [], doing: [], done: [] }, unreadable: 0 }

/** More changes than this at once, and sorting everything is cheaper than mending. */
const MANY = 256

/**
 * The board after a change. Columns that did not change stay the same array, and a few changes among ten thousand tasks are put in
 * their places without sorting the rest.
 */
export function arrange(previous: Arrangement, entities: ValueMap | undefined, overlay: Overlay): Arrangement {
  const tasks = new Map<string, Task>()
  const changed: Task[] = []
  let unreadable = 0
  let kept = 0
  for (const [id, value] of Object.entries<Value>(entities ?? {})) {
    const stored = readTask(id, value)
    if (stored === undefined) {
      unreadable += 1
      continue
    }
    const task = overlay(stored)
    tasks.set(id, task)
    if (previous.tasks.get(id) === task) kept += 1
    else changed.push(task)
  }
  const gone = previous.tasks.size - kept
  if (changed.length === 0 && gone === 0) return previous.unreadable === unreadable ? previous : { ...previous, unreadable }
  const columns = changed.length + gone > MANY ? sortAll(tasks) : mend(previous.columns, tasks, changed)
  return { tasks, columns, unreadable }
}

function sortAll(tasks: ReadonlyMap<string, Task>): Columns {
  const columns: { [S in Status]: Task[] } = { todo: [], doing: [], done: [] }
  for (const task of tasks.values()) columns[task.status].push(task)
  for (const status of STATUSES) columns[status].sort(compareTasks)
  return columns
}

function mend(before: Columns, tasks: ReadonlyMap<string, Task>, changed: readonly Task[]): Columns {
  const columns = { ...before }
  for (const status of STATUSES) {
    const arriving = changed.filter((task) => task.status === status)
    const staying = before[status].filter((task) => tasks.get(task.id) === task)
    if (arriving.length === 0 && staying.length === before[status].length) continue
    for (const task of arriving) staying.splice(indexFor(staying, task), 0, task)
    columns[status] = staying
  }
  return columns
}

/** Where a task belongs in a sorted column. */
export function indexFor(column: readonly Task[], task: Task): number {
  let low = 0
  let high = column.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = column[middle]
    if (other !== undefined && compareTasks(other, task) < 0) low = middle + 1
    else high = middle
  }
  return low
}
