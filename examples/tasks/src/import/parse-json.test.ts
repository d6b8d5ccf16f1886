import { describe, expect, test } from 'vitest'
import { parseText } from './read-file.js'
import type { Table } from './table.js'

function records(table: Table): Record<string, string>[] {
  return table.rows.map((row) => Object.fromEntries(table.headers.map((header, index) => [header, row.cells[index] ?? ''])))
}

describe('reading JSON', () => {
  test('GitHub: people and labels become names', () => {
    const table = parseText(
      JSON.stringify([
        {
          number: 7,
          title: 'Crash',
          state: 'OPEN',
          assignees: [{ login: 'ada' }, { login: 'bob' }],
          labels: [{ name: 'bug' }],
          body: 'a\nb',
        },
        { number: 8, title: 'Docs', state: 'CLOSED', assignees: [], milestone: null },
      ]),
    )
    expect(records(table)).toMatchObject([
      { number: '7', title: 'Crash', state: 'OPEN', assignees: 'ada, bob', labels: 'bug', body: 'a\nb' },
      { number: '8', title: 'Docs', assignees: '', milestone: '', body: '' },
    ])
  })

  test('Jira: fields are taken out of their nest', () => {
    const fields = { summary: 'Crash', status: { name: 'In Progress' }, assignee: { displayName: 'Ada' }, duedate: '2026-02-01' }
    expect(records(parseText(JSON.stringify({ total: 1, issues: [{ key: 'AB-1', fields }] })))).toEqual([
      { key: 'AB-1', summary: 'Crash', status: 'In Progress', assignee: 'Ada', duedate: '2026-02-01' },
    ])
  })

  test('Trello: cards get the names of their list and members', () => {
    const lists = [{ id: 'x1', name: 'Doing' }]
    const board = {
      name: 'Board',
      lists,
      members: [{ id: 'm', fullName: 'Ada' }],
      cards: [{ name: 'Crash', idList: 'x1', idMembers: ['m'], desc: '', due: null }],
    }
    expect(records(parseText(JSON.stringify(board)))).toMatchObject([{ name: 'Crash', list: 'Doing', members: 'Ada', due: '' }])
  })

  test('every element knows the line that it starts on, and what is no map is told of', () => {
    const table = parseText(
      '{ "tags": ["x", {"}": 1}],\n "tasks": [\n {"title": "a \\" ]"},\n 5,\n\n {"title": "b",\n "list": [1, 2]}, {"title": "c"}\n]}',
    )
    expect(table.rows.map(({ line, cells }) => [line, cells[0]])).toEqual([
      [3, 'a " ]'],
      [6, 'b'],
      [7, 'c'],
    ])
    expect(table.problems).toEqual([{ line: 4, kind: 'skipped', reason: 'it is not a map of fields' }])
  })

  test('one map per line', () => {
    const table = parseText('{"title":"a"}\n{"title":\n{"title":"c"}\n', 'tasks.jsonl')
    expect(records(table)).toEqual([{ title: 'a' }, { title: 'c' }])
    expect(table.problems).toMatchObject([{ line: 2, kind: 'skipped' }])
  })

  test.each([
    ['{"title": ', 'not well-formed JSON'],
    ['{"a":{"b":1}}', 'no list of tasks'],
  ])('says what is wrong with %s', (text, message) => {
    expect(() => parseText(text)).toThrow(message)
  })
})
