/** What a column of the file can be for a task. */
export const IMPORT_FIELDS = ['title', 'status', 'assignee', 'due', 'notes', 'id', 'created'] as const
export type ImportField = (typeof IMPORT_FIELDS)[number]

export const FIELD_LABELS: { readonly [F in ImportField]: string } = {
  title: 'Title',
  status: 'Status',
  assignee: 'Assignee',
  due: 'Due date',
  notes: 'Notes',
  id: 'Id in the other tool',
  created: 'Created on',
}

/** Index of the column for each field; undefined when no column is used. */
export type Mapping = { readonly [F in ImportField]: number | undefined }

/** Headers that tools give their columns, the likeliest first. Compared without case, blanks, dots and dashes. */
const HEADERS: { readonly [F in ImportField]: readonly string[] } = {
  title: ['title', 'summary', 'name', 'cardname', 'taskname', 'task', 'issue', 'subject', 'content', 'todo'],
  status: ['status', 'state', 'list', 'listname', 'column', 'section', 'sectioncolumn', 'stage', 'bucketname', 'progress', 'completed', 'done'],
  assignee: ['assignee', 'assignees', 'assignedto', 'members', 'membernames', 'owner', 'responsible', 'assigneename', 'assignedtoname'],
  due: ['due', 'duedate', 'dueon', 'deadline', 'duedateutc', 'targetdate', 'dueat'],
  notes: ['notes', 'description', 'body', 'desc', 'carddescription', 'details', 'note', 'text', 'comments'],
  id: ['id', 'key', 'issuekey', 'number', 'cardid', 'taskid', 'issueid', 'shortlink', 'identifier', 'externalid'],
  created: ['created', 'createdat', 'createddate', 'datecreated', 'creationdate', 'createdon'],
}

/** The mapping that the headers suggest; each column is used once at most. */
export function guessMapping(headers: readonly string[]): Mapping {
  const plain = headers.map(fold)
  const used = new Set<number>()
  const mapping: { [F in ImportField]: number | undefined } = {
    title: undefined,
    status: undefined,
    assignee: undefined,
    due: undefined,
    notes: undefined,
    id: undefined,
    created: undefined,
  }
  for (const field of IMPORT_FIELDS) {
    const column = findColumn(plain, HEADERS[field], used)
    if (column === undefined) continue
    mapping[field] = column
    used.add(column)
  }
  return mapping
}

/** Jira repeats and nests (`fields.summary`): the last part of a dotted name counts where the whole does not. */
function findColumn(headers: readonly string[], names: readonly string[], used: ReadonlySet<number>): number | undefined {
  for (const name of names) {
    const exact = headers.findIndex((header, index) => !used.has(index) && strip(header) === name)
    if (exact >= 0) return exact
    const nested = headers.findIndex((header, index) => !used.has(index) && strip(header.slice(header.lastIndexOf('.') + 1)) === name)
    if (nested >= 0) return nested
  }
  return undefined
}

function fold(header: string): string {
  return header.toLowerCase().trim()
}

function strip(header: string): string {
  return header.replace(/[\s._-]+/g, '').replace(/\(.*\)$/, '')
}
