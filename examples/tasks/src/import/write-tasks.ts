import type { EventInput, RuntimeClient } from 'spicetime'
import type { Columns } from '../model/columns.js'
import { keysAfter } from '../model/order.js'
import { STATUSES, taskValue } from '../model/task.js'
import type { Status } from '../model/task.js'
import type { Candidate } from './read-rows.js'

/** One durable transaction each: large enough to be quick, small enough to cancel between. */
export const CHUNK = 500

interface WriteOptions {
  readonly runtime: Pick<RuntimeClient, 'submitEvents'>
  /** `space/tasks`. */
  readonly collection: string
  readonly columns: Columns
  readonly signal: AbortSignal
  /** Tasks that are durable so far. */
  readonly onProgress: (written: number) => void
}

/**
 * Adds the tasks below those of their columns, in the order of the file. What was written stays when it is cancelled or fails.
 * @returns the ids of the tasks that were written
 * @throws SpiceTimeError as of `submitEvents`
 */
export async function writeTasks(candidates: readonly Candidate[], options: WriteOptions): Promise<readonly string[]> {
  const { runtime, collection, signal, onProgress } = options
  const orders = ordersFor(candidates, options.columns)
  const written: string[] = []
  for (let start = 0; start < candidates.length && !signal.aborted; start += CHUNK) {
    const ids: string[] = []
    const inputs: EventInput[] = candidates.slice(start, start + CHUNK).map(({ task }, index) => {
      const id = crypto.randomUUID()
      ids.push(id)
      return { path: `${collection}/${id}`, op: 'put', value: taskValue({ ...task, order: orders[start + index] ?? '' }) }
    })
    await runtime.submitEvents(inputs)
    written.push(...ids)
    onProgress(written.length)
  }
  return written
}

function ordersFor(candidates: readonly Candidate[], columns: Columns): readonly string[] {
  const keys: { [S in Status]: readonly string[] } = { todo: [], doing: [], done: [] }
  for (const status of STATUSES) {
    const count = candidates.filter(({ task }) => task.status === status).length
    keys[status] = keysAfter(columns[status], count)
  }
  const used: { [S in Status]: number } = { todo: 0, doing: 0, done: 0 }
  return candidates.map(({ task: { status } }) => keys[status][used[status]++] ?? '')
}
