import { useEffect, useState } from 'preact/hooks'
import type { Session } from '../board/session.js'
import type { Task } from '../model/task.js'

const known = new WeakMap<Task, boolean>()

/**
 * Whether events of a task are on their way to the team. Asked once for each state of a task that comes in sight: a change of level
 * brings the task anew through the board's watch.
 */
export function usePending({ runtime, space, store, notices }: Session, task: Task): boolean {
  const [, redraw] = useState<object>({})
  useEffect(() => {
    if (!space.team || known.has(task)) return
    const left = new AbortController()
    runtime.getState(`${store.collection}/${task.id}`, { signal: left.signal }).then(
      (state) => {
        known.set(task, state.pending.length > 0)
        if (!left.signal.aborted) redraw({})
      },
      (error: unknown) => {
        if (!left.signal.aborted) notices.failure('The state of a task could not be read.', error)
      },
    )
    return () => left.abort()
  }, [runtime, space, store, notices, task])
  return known.get(task) ?? false
}
