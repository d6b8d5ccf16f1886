import type { EventInput, RuntimeClient } from 'spicetime'
import type { Columns } from '../model/columns.js'
import { keysAfter } from '../model/order.js'
import { STATUSES, taskValue } from '../model/task.js'
import type { Status } from '../model/task.js'
import type { ImportedTask } from './convert.js'

/** Tasks in one durable transaction: large enough to be quick, small enough for a lively progress bar. */
export const CHUNK = 500

export interface ImportRun {
  readonly runtime: RuntimeClient
  /** `<space>/tasks`. */
  readonly collection: string
  readonly inputs: readonly EventInput[]
  /** Where an earlier, interrupted run of the same inputs ended. */
  readonly from: number
  /** Called after each transaction with the number of tasks that are stored. */
  readonly onProgress: (done: number) => void
  readonly signal: AbortSignal
}

/** The events that add the tasks below those on the board, in the order of the file. Made once, so that a second try adds nothing twice. */
export function importInputs(tasks: readonly ImportedTask[], collection: string, columns: Columns): readonly EventInput[] {
  const orders = ordersFor(tasks, columns)
  const taken: { [S in Status]: number } = { todo: 0, doing: 0, done: 0 }
  return tasks.map(({ line: _line, ...task }) => {
    const order = orders[task.status][taken[task.status]] ?? ''
    taken[task.status] += 1
    return { path: `${collection}/${crypto.randomUUID()}`, op: 'put', value: taskValue({ ...task, order }) }
  })
}

/**
 * Writes them a chunk at a time, and stops after a chunk when the signal says so.
 * @returns how many are stored. @throws SpiceTimeError of `submitEvents`; what was reported by then is stored
 */
export async function runImport({ runtime, inputs, from, onProgress, signal }: ImportRun): Promise<number> {
  let done = from
  while (done < inputs.length && !signal.aborted) {
    const chunk = inputs.slice(done, done + CHUNK)
    await runtime.submitEvents(chunk)
    done += chunk.length
    onProgress(done)
  }
  return done
}

function ordersFor(tasks: readonly ImportedTask[], columns: Columns): { readonly [S in Status]: readonly string[] } {
  const counts: { [S in Status]: number } = { todo: 0, doing: 0, done: 0 }
  for (const task of tasks) counts[task.status] += 1
  const [todo, doing, done] = STATUSES.map((status) => keysAfter(columns[status], counts[status]))
  return { todo: todo ?? [], doing: doing ?? [], done: done ?? [] }
}
