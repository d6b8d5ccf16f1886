import type { Session } from '../board/session.js'
import { today } from '../model/due-date.js'
import { portableTasks } from '../model/portable.js'
import { toCsv } from './to-csv.js'
import { toJson } from './to-json.js'

/** Saves all tasks of the board, whatever is searched for, as a file. */
export function exportTasks({ store, space, notices }: Session, format: 'csv' | 'json'): void {
  const { arrangement, phase } = store.snapshot
  if (phase !== 'ready') {
    notices.info('The board is not loaded yet. Export it when it is.')
    return
  }
  const tasks = portableTasks(arrangement)
  const [text, type] = format === 'csv' ? [toCsv(tasks), 'text/csv;charset=utf-8'] : [toJson(tasks), 'application/json']
  save(new Blob([text], { type }), `${fileName(space.name)}-${today()}.${format}`)
  notices.info(`Exported ${tasks.length.toLocaleString()} ${tasks.length === 1 ? 'task' : 'tasks'}`)
}

function fileName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
  return plain === '' ? 'tasks' : `tasks-${plain}`
}

function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download reads the URL after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
