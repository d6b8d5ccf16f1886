import { describe, expect, test } from 'vitest'
import { MAX_NOTES, MAX_TITLE } from '../model/task.js'
import { guessMapping } from './guess-mapping.js'
import { parseText } from './read-file.js'
import { readRows } from './read-rows.js'
import type { Reading } from './read-rows.js'

const NOW = Date.UTC(2026, 0, 15)

function read(text: string): Reading {
  const table = parseText(text)
  return readRows(table, { mapping: guessMapping(table.headers), dateOrder: 'day-first', now: NOW })
}

const told = ({ problems }: Reading): string[] => problems.map(({ line, kind, reason }) => `${line} ${kind}: ${reason}`)

describe('rows to tasks', () => {
  test('good rows become tasks', () => {
    const { candidates, problems } = read(
      'key,title,status,assignee,due,notes\nAB-1," Ship\n it ",Doing,Ada,31/01/2026,why\nAB-2,Rest,,,,\n',
    )
    expect(problems).toEqual([])
    expect(candidates).toMatchObject([
      {
        line: 2,
        task: { title: 'Ship it', status: 'doing', assignee: 'Ada', due: '2026-01-31', notes: 'why', createdAt: NOW, externalId: 'AB-1' },
      },
      { line: 4, task: { title: 'Rest', status: 'todo', assignee: '', due: null, notes: '', createdAt: NOW, externalId: 'AB-2' } },
    ])
  })

  test('bad rows are told of by line and reason, in order, and the good ones are kept', () => {
    const long = [`${'x'.repeat(MAX_TITLE + 1)},,`, `b,,${'x'.repeat(MAX_NOTES + 1)}`]
    const reading = read(['title,due,notes', ',2026-01-31,no title', 'a,soon,', 'good,2026-01-31,', ...long, 'c,,d,e'].join('\n'))
    expect(reading.candidates.map(({ task }) => task.title)).toEqual(['good'])
    expect(told(reading)).toEqual([
      '2 skipped: it has no title',
      "3 skipped: the due date can't be read: soon",
      '5 skipped: the title has 501 characters, at most 500 fit',
      '6 skipped: the notes have 12,001 characters, at most 12,000 fit',
      '7 skipped: it has 4 cells, the first line names 3',
    ])
  })

  test('unknown statuses are told of and go to To do', () => {
    const reading = read('title,status\na,Someday\nb,Done\n')
    expect(reading.candidates.map(({ task }) => task.status)).toEqual(['todo', 'done'])
    expect(told(reading)).toEqual(["2 changed: the status 'Someday' is not known, so it goes to To do"])
  })

  test('the second row with an id is left out', () => {
    const reading = read('id,title\n1,a\n1,b\n,c\n,d\n')
    expect(reading.candidates.map(({ task }) => task.title)).toEqual(['a', 'c', 'd'])
    expect(told(reading)).toEqual(['3 skipped: it has the same id as line 2: 1'])
  })
})
