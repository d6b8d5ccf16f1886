import { describe, expect, test } from 'vitest'
import { readTable } from './read-file.js'
import type { Table } from './table.js'

function records(table: Table): Record<string, string>[] {
  return table.rows.map((row) => Object.fromEntries(table.headers.map((header, index) => [header, row.cells[index] ?? ''])))
}

describe('reading JSON', () => {
  test('GitHub: people and labels become names', () => {
    const table = readTable(
      JSON.stringify([
        { number: 7, title: 'Crash', state: 'OPEN', assignees: [{ login: 'ada' }, { login: 'bob' }], labels: [{ name: 'bug' }], body: 'a\nb' },
        { number: 8, title: 'Docs', state: 'CLOSED', assignees: [], milestone: null },
      ]),
    )
    expect(table.format).toBe('json')
    expect(records(table)).toMatchObject([
      { number: '7', title: 'Crash', state: 'OPEN', assignees: 'ada, bob', labels: 'bug', body: 'a\nb' },
      { number: '8', title: 'Docs', assignees: '', milestone: '', body: '' },
    ])
  })

  test('Jira: fields are taken out of their nest', () => {
    const fields = { summary: 'Crash', status: { name: 'In Progress' }, assignee: { displayName: 'Ada' }, duedate: '2026-02-01' }
    expect(records(readTable(JSON.stringify({ total: 1, issues: [{ key: 'AB-1', fields }] })))).toEqual([
      { key: 'AB-1', 'fields.summary': 'Crash', 'fields.status': 'In Progress', 'fields.assignee': 'Ada', 'fields.duedate': '2026-02-01' },
    ])
  })

  test('Trello: cards get the name of their list', () => {
    const board = { name: 'Board', lists: [{ id: 'x1', name: 'Doing' }], cards: [{ name: 'Crash', idList: 'x1', desc: '', due: null }] }
    expect(records(readTable(JSON.stringify(board)))).toMatchObject([{ name: 'Crash', list: 'Doing', due: '' }])
  })

  test('what is no object is listed by its place', () => {
    const table = readTable('[{"title":"a"}, 5, {"title":"b"}]')
    expect(table.rows.map((row) => row.line)).toEqual([1, 3])
    expect(table.broken).toEqual([{ line: 2, reason: 'It is not an object with fields.', excerpt: '5' }])
  })

  test.each([
    ['{"title": ', 'not valid JSON'],
    ['{"a":{"b":1}}', 'no list of tasks'],
    ['[]', 'empty list'],
  ])('says what is wrong with %s', (text, message) => {
    expect(() => readTable(text)).toThrow(message)
  })
})
