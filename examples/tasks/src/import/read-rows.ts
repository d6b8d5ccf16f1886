import { cleanTitle, MAX_NAME, MAX_NOTES, MAX_TITLE } from '../model/task.js'
import type { Task } from '../model/task.js'
import { parseDue, parseMoment } from './dates.js'
import type { DateOrder } from './dates.js'
import type { Mapping } from './guess-mapping.js'
import { parseStatus } from './statuses.js'
import type { Problem, Row, Table } from './table.js'

/** A row that can become a task. */
export interface Candidate {
  readonly line: number
  /** Its order is given when it is written. */
  readonly task: Omit<Task, 'id' | 'order'>
}

export interface Reading {
  readonly candidates: readonly Candidate[]
  /** By line. */
  readonly problems: readonly Problem[]
}

interface ReadOptions {
  readonly mapping: Mapping
  readonly dateOrder: DateOrder
  /** Milliseconds since 1970, for rows that do not say when they were made. */
  readonly now: number
}

/** Turns rows into tasks. Bad rows are left out with a reason, never the good ones with them. */
export function readRows(table: Table, options: ReadOptions): Reading {
  const problems: Problem[] = [...table.problems]
  const candidates: Candidate[] = []
  const lineOfId = new Map<string, number>()
  for (const row of table.rows) {
    const read = readRow(row, options)
    const id = typeof read === 'string' ? undefined : read.task.externalId
    const twin = id === undefined ? undefined : lineOfId.get(id)
    if (typeof read === 'string') problems.push({ line: row.line, kind: 'skipped', reason: read })
    else if (twin !== undefined) problems.push({ line: row.line, kind: 'skipped', reason: `it has the same id as line ${twin}: ${id}` })
    else {
      if (id !== undefined) lineOfId.set(id, row.line)
      candidates.push(read)
      for (const reason of read.changes) problems.push({ line: row.line, kind: 'changed', reason })
    }
  }
  problems.sort((a, b) => a.line - b.line)
  return { candidates, problems }
}

function readRow(row: Row, { mapping, dateOrder, now }: ReadOptions): (Candidate & { readonly changes: readonly string[] }) | string {
  const cell = (field: keyof Mapping): string => row.cells[mapping[field] ?? -1] ?? ''
  const title = cleanTitle(cell('title'))
  const notes = cell('notes').replace(/\r\n?/g, '\n')
  const assignee = cleanTitle(cell('assignee'))
  const long = tooLong(title, notes, assignee)
  if (title === '') return 'it has no title'
  if (long !== undefined) return long
  const dueText = cell('due').trim()
  const due = dueText === '' ? null : parseDue(dueText, dateOrder)
  if (due === undefined) return `the due date can't be read: ${shorten(dueText)}`
  const changes: string[] = []
  const status = parseStatus(cell('status'))
  if (status === undefined) changes.push(`the status '${shorten(cell('status').trim())}' is not known, so it goes to To do`)
  const created = cell('created').trim()
  const createdAt = created === '' ? now : parseMoment(created)
  if (createdAt === undefined) changes.push(`when it was created can't be read ('${shorten(created)}'), so it counts as created now`)
  const externalId = cell('id').trim()
  const task = {
    title,
    notes,
    assignee,
    due,
    status: status ?? 'todo',
    createdAt: createdAt ?? now,
    externalId: externalId === '' ? undefined : externalId,
  }
  return { line: row.line, task, changes }
}

function tooLong(title: string, notes: string, assignee: string): string | undefined {
  if (title.length > MAX_TITLE) return `the title has ${title.length} characters, at most ${MAX_TITLE} fit`
  if (notes.length > MAX_NOTES)
    return `the notes have ${notes.length.toLocaleString()} characters, at most ${MAX_NOTES.toLocaleString()} fit`
  if (assignee.length > MAX_NAME) return `the assignee has ${assignee.length} characters, at most ${MAX_NAME} fit`
  return undefined
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}
