import type { Value } from 'spicetime'
import { describe, expect, test } from 'vitest'
import { toCsv } from '../export/to-csv.js'
import { toJson } from '../export/to-json.js'
import { EMPTY_ARRANGEMENT, arrange } from '../model/columns.js'
import type { Arrangement, Columns } from '../model/columns.js'
import { portableTasks } from '../model/portable.js'
import { MAX_NOTES, MAX_TITLE, taskValue } from '../model/task.js'
import { convert } from './convert.js'
import type { Conversion } from './convert.js'
import { guessMapping } from './mapping.js'
import { readTable } from './read-file.js'
import { importInputs } from './run-import.js'

const NOW = Date.UTC(2026, 0, 15)
const NO_TASKS: Columns = { todo: [], doing: [], done: [] }

function convertText(text: string, known?: ReadonlySet<string>): Conversion {
  const table = readTable(text)
  return convert(table, { mapping: guessMapping(table.headers), dateOrder: 'dmy', known, now: NOW })
}

describe('rows to tasks', () => {
  test('good rows become tasks', () => {
    const { tasks, bad } = convertText('key,title,status,assignee,due,notes\nAB-1," Ship\n it ",Doing,Ada,31/01/2026,why\nAB-2,Rest,,,,\n')
    expect(bad).toEqual([])
    expect(tasks).toEqual([
      { line: 2, title: 'Ship it', status: 'doing', assignee: 'Ada', due: '2026-01-31', notes: 'why', createdAt: NOW, externalId: 'AB-1' },
      { line: 4, title: 'Rest', status: 'todo', assignee: '', due: null, notes: '', createdAt: NOW, externalId: 'AB-2' },
    ])
  })

  test('bad rows are listed with line and reason, in order, and the good ones are kept', () => {
    const rows = [
      'title,due,notes',
      ',2026-01-31,no title',
      'a,soon,',
      'good,2026-01-31,',
      `${'x'.repeat(MAX_TITLE + 1)},,`,
      `b,,${'x'.repeat(MAX_NOTES + 1)}`,
      'c,,d,e',
    ]
    const { tasks, bad } = convertText(rows.join('\n'))
    expect(tasks.map((task) => task.title)).toEqual(['good'])
    expect(bad.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
      '2: It has no title.',
      '3: The due date “soon” is not a date; write it as 2026-01-31.',
      '5: The title has 501 characters; at most 500 fit.',
      '6: The notes have 12,001 characters; at most 12,000 fit.',
      '7: It has 4 cells, but the header has 3: quote the cell that holds a separator.',
    ])
  })

  test('unknown statuses are counted and go to To do', () => {
    const { tasks, unknownStatuses } = convertText('title,status\na,Someday\nb,Someday\nc,Done\nd,Parking lot\n')
    expect(tasks.map((task) => task.status)).toEqual(['todo', 'todo', 'done', 'todo'])
    expect([...unknownStatuses]).toEqual([
      ['Someday', 2],
      ['Parking lot', 1],
    ])
  })

  test('rows whose id is known, or came before, are skipped when asked', () => {
    const text = 'id,title\n1,a\n2,b\n2,c\n,d\n,e\n'
    expect(convertText(text, new Set(['1']))).toMatchObject({ skipped: 2, tasks: [{ title: 'b' }, { title: 'd' }, { title: 'e' }] })
    expect(convertText(text)).toMatchObject({ skipped: 0, tasks: { length: 5 } })
  })
})

describe('export and import', () => {
  const odd = ['plain', 'comma, "quote"', '=1+1', 'ünïcode 😀 漢字', "it's; fine\ttab"]
  const tasks = odd.map((title, index) => ({
    title,
    notes: index % 2 === 0 ? '' : ' first line\n\n  "second", line ',
    assignee: index === 1 ? 'Ada, Bob' : '',
    due: index === 2 ? '2026-02-28' : null,
    status: (['todo', 'doing', 'done'] as const)[index % 3] ?? 'todo',
    order: `a${index}`,
    createdAt: NOW + index,
    externalId: `X-${index}`,
  }))
  const board = boardOf(tasks.map((task, index) => [`id-${index}`, taskValue(task)]))

  test.each(['csv', 'json'] as const)('%s comes back the same, byte for byte', (format) => {
    const text = exportAs(board, format)
    const conversion = convertText(text)
    expect(conversion).toMatchObject({ bad: [], skipped: 0 })
    const inputs = importInputs(conversion.tasks, 'me/tasks', NO_TASKS)
    const again = boardOf(inputs.map((input) => [input.path.split('/').at(-1) ?? '', input.op === 'put' ? input.value : null]))
    expect(exportAs(again, format)).toBe(text)
    expect(convertText(text, new Set(tasks.map((task) => task.externalId)))).toMatchObject({ skipped: 5, tasks: [] })
  })

  test('imported tasks stand below those on the board, in the order of the file', () => {
    const inputs = importInputs(convertText('title\nfirst\nsecond\nthird\n').tasks, 'me/tasks', board.columns)
    const last = board.columns.todo.at(-1)?.order ?? ''
    const orders = inputs.map((input) => (input.op === 'put' ? (input.value as { order: string }).order : ''))
    expect([last, ...orders]).toEqual([last, ...orders].toSorted((a, b) => (a < b ? -1 : 1)))
  })

  test('what a spreadsheet would run as a formula is text to it, and comes back as it was', () => {
    expect(exportAs(board, 'csv')).toContain(`,'=1+1,`)
    expect(convertText(exportAs(board, 'csv')).tasks.map((task) => task.title)).toContain('=1+1')
  })
})

function exportAs(arrangement: Arrangement, format: 'csv' | 'json'): string {
  const tasks = portableTasks(arrangement)
  return format === 'csv' ? toCsv(tasks) : toJson(tasks)
}

function boardOf(entities: readonly (readonly [string, Value])[]): Arrangement {
  return arrange(EMPTY_ARRANGEMENT, Object.fromEntries(entities), (task) => task)
}
