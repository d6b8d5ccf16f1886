import type { Value } from 'spicetime'

export const STATUSES = ['todo', 'doing', 'done'] as const
export type Status = (typeof STATUSES)[number]

export const STATUS_LABELS: { readonly [S in Status]: string } = { todo: 'To do', doing: 'In progress', done: 'Done' }

/** Characters of a title; longer ones are refused on import and can't be typed. */
export const MAX_TITLE = 500
/** Characters of notes: even at four bytes each they stay well below the 64 KiB of one event. */
export const MAX_NOTES = 12_000
/** Of notes that are written together: even at three bytes each, a paste of all of them stays below the 1 MiB that an event may have beside it. */
export const MAX_LIVE_NOTES = 320_000
export const MAX_NAME = 120

/** What a person can change on a task. */
export interface TaskFields {
  readonly title: string
  readonly notes: string
  readonly assignee: string
  /** `YYYY-MM-DD`. */
  readonly due: string | null
  readonly status: Status
}

/** One task as the board shows it. */
export interface Task extends TaskFields {
  readonly id: string
  /** A fractional index: tasks of a column are sorted by it, then by id. */
  readonly order: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** Its id in the tool that it was imported from. */
  readonly externalId: string | undefined
}

const DATE = /^\d{4}-\d{2}-\d{2}$/
const known = new WeakMap<object, Task>()

export function isStatus(value: unknown): value is Status {
  return STATUSES.some((status) => status === value)
}

/**
 * The task in a document's value; undefined when it is none. What another program wrote oddly falls back field by field. The same value
 * gives the same task, so that unchanged cards are not drawn again.
 */
export function readTask(id: string, value: Value | undefined): Task | undefined {
  if (!isMap(value)) return undefined
  const before = known.get(value)
  if (before !== undefined && before.id === id) return before
  if (typeof value['title'] !== 'string') return undefined
  const { status, due, createdAt, externalId } = value
  const task: Task = {
    id,
    title: value['title'],
    notes: text(value['notes']),
    assignee: text(value['assignee']),
    due: typeof due === 'string' && DATE.test(due) ? due : null,
    status: isStatus(status) ? status : 'todo',
    order: text(value['order']),
    createdAt: typeof createdAt === 'number' ? createdAt : 0,
    externalId: typeof externalId === 'string' ? externalId : undefined,
  }
  known.set(value, task)
  return task
}

/** The value to `put` for a new task. */
export function taskValue(task: Omit<Task, 'id'>): { readonly [field: string]: Value } {
  const { externalId, ...rest } = task
  return externalId === undefined ? rest : { ...rest, externalId }
}

/** A title on one line: line breaks and runs of blanks around them become one blank. */
export function cleanTitle(title: string): string {
  return title.replace(/\s*[\r\n]+\s*/g, ' ').trim()
}

function text(value: Value | undefined): string {
  return typeof value === 'string' ? value : ''
}

function isMap(value: Value | undefined): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}
