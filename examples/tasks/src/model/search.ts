import type { Columns } from './columns.js'
import type { Task } from './task.js'

const BEYOND_ASCII = /[^\p{ASCII}]/u
const folded = new WeakMap<Task, string>()

/** The words of a query, folded: every one of them must occur. */
export function searchWords(query: string): readonly string[] {
  return fold(query)
    .split(/\s+/)
    .filter((word) => word !== '')
}

/** Whether title, notes, assignee or imported id hold every word. */
export function matches(task: Task, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const text = textOf(task)
  return words.every((word) => text.includes(word))
}

/** Only the tasks that match; the same columns when there is nothing to look for. */
export function filterColumns(columns: Columns, words: readonly string[]): Columns {
  if (words.length === 0) return columns
  const matching = (column: readonly Task[]): readonly Task[] => column.filter((task) => matches(task, words))
  return { todo: matching(columns.todo), doing: matching(columns.doing), done: matching(columns.done) }
}

function textOf(task: Task): string {
  const known = folded.get(task)
  if (known !== undefined) return known
  const text = fold(`${task.title}\n${task.assignee}\n${task.externalId ?? ''}\n${task.notes}`)
  folded.set(task, text)
  return text
}

/** Lower case without accents, so that `resume` finds `Résumé`. */
function fold(text: string): string {
  return (BEYOND_ASCII.test(text) ? text.normalize('NFD').replace(/\p{M}/gu, '') : text).toLowerCase()
}
