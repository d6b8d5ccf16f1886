import { PORTABLE_FIELDS } from '../model/portable.js'
import type { PortableField } from '../model/portable.js'

/** The column of each field; undefined where the file has none. */
export type Mapping = { readonly [F in PortableField]: number | undefined }

/** Heads by field, most telling first: GitHub, GitLab, Jira, Trello, Linear, Asana, Todoist and our own. */
const HEADS: { readonly [F in PortableField]: readonly string[] } = {
  id: ['externalid', 'issuekey', 'key', 'number', 'iid', 'taskid', 'cardid', 'issueid', 'id'],
  title: ['title', 'summary', 'taskname', 'cardname', 'task', 'content', 'subject', 'name'],
  status: ['status', 'state', 'list', 'listname', 'column', 'sectioncolumn', 'section', 'stage', 'progress', 'completed', 'done'],
  assignee: ['assignee', 'assignees', 'assignedto', 'assigned', 'owner', 'members', 'responsible', 'assigneename'],
  due: ['due', 'duedate', 'dueon', 'dueat', 'deadline', 'targetdate', 'date'],
  notes: ['notes', 'description', 'desc', 'body', 'details', 'note', 'carddescription', 'text'],
  created: ['created', 'createdat', 'createddate', 'createdon', 'creationdate', 'datecreated', 'opened'],
}

/** Guesses the fields from the heads; each column serves one field. */
export function guessMapping(headers: readonly string[]): Mapping {
  const folded = headers.map((header) => header.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''))
  const taken = new Set<number>()
  const mapping: { [F in PortableField]: number | undefined } = { ...EMPTY_MAPPING }
  for (const field of PORTABLE_FIELDS) {
    const column = HEADS[field].map((head) => folded.indexOf(head)).find((index) => index >= 0 && !taken.has(index))
    mapping[field] = column
    if (column !== undefined) taken.add(column)
  }
  return mapping
}

export const EMPTY_MAPPING: Mapping = {
  id: undefined,
  title: undefined,
  status: undefined,
  assignee: undefined,
  due: undefined,
  notes: undefined,
  created: undefined,
}
