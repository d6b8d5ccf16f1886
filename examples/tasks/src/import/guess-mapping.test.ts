import { describe, expect, test } from 'vitest'
import { guessMapping } from './guess-mapping.js'
import { parseStatus } from './statuses.js'

describe('guessing columns', () => {
  test.each([
    [
      'GitHub',
      ['number', 'title', 'state', 'assignees', 'body', 'createdAt'],
      { id: 0, title: 1, status: 2, assignee: 3, notes: 4, created: 5 },
    ],
    [
      'Jira',
      ['Summary', 'Issue key', 'Issue id', 'Status', 'Assignee', 'Assignee Id', 'Due date', 'Description', 'Created'],
      { title: 0, id: 1, status: 3, assignee: 4, due: 6, notes: 7, created: 8 },
    ],
    ['Jira JSON', ['id', 'key', 'summary', 'status', 'duedate'], { id: 1, title: 2, status: 3, due: 4 }],
    [
      'Trello',
      ['Card ID', 'Card Name', 'Card Description', 'Due Date', 'List Name', 'Members'],
      { id: 0, title: 1, notes: 2, due: 3, status: 4, assignee: 5 },
    ],
    ['unknown', ['foo', 'bar'], {}],
  ])('%s', (_tool, headers, expected) => {
    const mapping = Object.fromEntries(Object.entries(guessMapping(headers)).filter(([, column]) => column !== undefined))
    expect(mapping).toEqual(expected)
  })
})

test.each([
  ['', 'todo'],
  ['OPEN', 'todo'],
  ['To-Do', 'todo'],
  ['In_Progress', 'doing'],
  [' In Review ', 'doing'],
  ['CLOSED', 'done'],
  ['Won’t fix', 'done'],
  ['Someday maybe', undefined],
])('the status %j is %s', (text, status) => {
  expect(parseStatus(text)).toBe(status)
})
