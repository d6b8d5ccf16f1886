import { STATUS_LABELS, STATUSES } from './task.js'
import type { Arrangement } from './columns.js'
import type { Task } from './task.js'

/** The fields that exports hold and imports take, in the order of a CSV's columns. */
export const PORTABLE_FIELDS = ['id', 'title', 'status', 'assignee', 'due', 'notes', 'created'] as const
export type PortableField = (typeof PORTABLE_FIELDS)[number]

/** One task outside a board. Its order is its place in the list. */
export type PortableTask = { readonly [F in PortableField]: string }

/** All tasks of a board from top to bottom, column by column. */
export function portableTasks({ columns }: Arrangement): readonly PortableTask[] {
  return STATUSES.flatMap((status) => columns[status].map(portable))
}

function portable(task: Task): PortableTask {
  return {
    id: task.externalId ?? task.id,
    title: task.title,
    status: STATUS_LABELS[task.status],
    assignee: task.assignee,
    due: task.due ?? '',
    notes: task.notes,
    created: task.createdAt === 0 ? '' : new Date(task.createdAt).toISOString(),
  }
}
