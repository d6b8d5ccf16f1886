import Papa from 'papaparse'
import type { Columns } from '../model/columns.js'
import { STATUS_LABELS, STATUSES } from '../model/task.js'
import type { Task } from '../model/task.js'

export type ExportFormat = 'csv' | 'json'

/** Headers that the import of this board maps by itself. */
const HEADERS = ['id', 'title', 'status', 'assignee', 'due', 'notes', 'created'] as const

type Row = { readonly [H in (typeof HEADERS)[number]]: string }

/** All tasks as a file, column by column from top to bottom, so that importing it gives the same board. */
export function exportTasks(columns: Columns, format: ExportFormat): string {
  const rows = STATUSES.flatMap((status) => columns[status].map(rowOf))
  if (format === 'json') return `${JSON.stringify({ tasks: rows }, undefined, 2)}\n`
  const data = rows.map((row) => HEADERS.map((header) => row[header]))
  // The mark at the start tells spreadsheets that the file is UTF-8.
  return `\uFEFF${Papa.unparse({ fields: [...HEADERS], data }, { newline: '\r\n' })}\r\n`
}

/** A file name that says what it is, of which board, and from which day (`YYYY-MM-DD`). */
export function exportName(board: string, day: string, format: ExportFormat): string {
  const plain = board.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '')
  return `${plain === '' ? 'tasks' : plain}-${day}.${format}`
}

function rowOf(task: Task): Row {
  return {
    id: task.externalId ?? task.id,
    title: task.title,
    status: STATUS_LABELS[task.status],
    assignee: task.assignee,
    due: task.due ?? '',
    notes: task.notes,
    created: new Date(task.createdAt).toISOString(),
  }
}
