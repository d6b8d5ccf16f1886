import { cleanTitle, MAX_NAME, MAX_NOTES, MAX_TITLE } from '../model/task.js'
import type { TaskFields } from '../model/task.js'
import type { Mapping } from './mapping.js'
import { parseDate } from './parse-date.js'
import type { DateOrder } from './parse-date.js'
import { parseStatus } from './parse-status.js'
import { excerptOf } from './table.js'
import type { BadRow, Table, TableRow } from './table.js'

export interface ImportOptions {
  readonly mapping: Mapping
  readonly dateOrder: DateOrder
  /** Ids that the board has already: rows with one of them, or with the id of an earlier row, are skipped. undefined: none is skipped. */
  readonly known: ReadonlySet<string> | undefined
  /** For rows without a creation date; milliseconds since 1970. */
  readonly now: number
}

/** A row that can become a task. */
export interface ImportedTask extends TaskFields {
  readonly line: number
  readonly createdAt: number
  readonly externalId: string | undefined
}

export interface Conversion {
  readonly tasks: readonly ImportedTask[]
  readonly bad: readonly BadRow[]
  /** Statuses that are not known, with how many rows have each; their tasks go to To do. */
  readonly unknownStatuses: ReadonlyMap<string, number>
  /** Rows left out because the board, or an earlier row, has their id. */
  readonly skipped: number
}

type Result = { readonly task: ImportedTask } | { readonly reason: string }

/** Turns the rows of a file into tasks. Bad rows are listed by line; nothing is dropped without being counted. */
export function convert(table: Table, options: ImportOptions): Conversion {
  const tasks: ImportedTask[] = []
  const bad: BadRow[] = [...table.broken]
  const unknownStatuses = new Map<string, number>()
  const seen = new Set<string>()
  let skipped = 0
  for (const row of table.rows) {
    const result = convertRow(row, options)
    if ('reason' in result) {
      bad.push({ line: row.line, reason: result.reason, excerpt: excerptOf(row.cells) })
      continue
    }
    const id = result.task.externalId
    if (id !== undefined && options.known !== undefined && (options.known.has(id) || seen.has(id))) {
      skipped += 1
      continue
    }
    if (id !== undefined) seen.add(id)
    tasks.push(result.task)
    const status = cell(row, options.mapping.status).trim()
    if (parseStatus(status) === undefined) unknownStatuses.set(status, (unknownStatuses.get(status) ?? 0) + 1)
  }
  return { tasks, bad: bad.sort((a, b) => a.line - b.line), unknownStatuses, skipped }
}

function convertRow(row: TableRow, { mapping, dateOrder, now }: ImportOptions): Result {
  const title = cleanTitle(cell(row, mapping.title))
  const notes = cell(row, mapping.notes).replace(/\r\n?/g, '\n')
  const assignee = cell(row, mapping.assignee).trim()
  const id = cell(row, mapping.id).trim()
  const due = dateOf(cell(row, mapping.due), dateOrder)
  const created = timeOf(cell(row, mapping.created), dateOrder)
  const reason =
    titleReason(title) ??
    tooLong('The notes', notes, MAX_NOTES) ??
    tooLong('The assignee', assignee, MAX_NAME) ??
    tooLong('The id', id, MAX_NAME) ??
    (due === undefined ? `The due date “${short(cell(row, mapping.due))}” is not a date; write it as 2026-01-31.` : undefined)
  if (reason !== undefined || due === undefined) return { reason: reason ?? '' }
  const status = parseStatus(cell(row, mapping.status)) ?? 'todo'
  return { task: { line: row.line, title, notes, assignee, due, status, createdAt: created ?? now, externalId: id === '' ? undefined : id } }
}

function titleReason(title: string): string | undefined {
  return title === '' ? 'It has no title.' : tooLong('The title', title, MAX_TITLE)
}

function tooLong(what: string, text: string, most: number): string | undefined {
  if (text.length <= most) return undefined
  return `${what} ${what.endsWith('s') ? 'have' : 'has'} ${text.length.toLocaleString('en')} characters; at most ${most.toLocaleString('en')} fit.`
}

/** null: no date given; undefined: not a date. */
function dateOf(text: string, order: DateOrder): string | null | undefined {
  return text.trim() === '' ? null : parseDate(text, order)
}

/** A creation date is a nicety: one that can't be read is as good as none. */
function timeOf(text: string, order: DateOrder): number | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  const exact = /^\d{4}-\d{2}-\d{2}T/.test(trimmed) ? Date.parse(trimmed) : NaN
  if (!Number.isNaN(exact)) return exact
  const day = parseDate(trimmed, order)
  return day === undefined ? undefined : Date.parse(`${day}T00:00:00Z`)
}

function cell(row: TableRow, column: number | undefined): string {
  return column === undefined ? '' : (row.cells[column] ?? '')
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}
