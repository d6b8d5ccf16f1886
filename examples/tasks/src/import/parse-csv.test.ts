import { describe, expect, test } from 'vitest'
import { parseCsv } from './parse-csv.js'
import { parseText } from './read-file.js'
import { UnreadableFile } from './table.js'

describe('reading CSV', () => {
  test('gives headers, cells and the line each row starts on', () => {
    const table = parseCsv('\uFEFFTitle,Status\r\nShip it,open\r\n\r\n"two\r\nlines",done\r\nlast,\r\n')
    expect(table.headers).toEqual(['Title', 'Status'])
    expect(table.rows).toEqual([
      { line: 2, cells: ['Ship it', 'open'] },
      { line: 4, cells: ['two\r\nlines', 'done'] },
      { line: 6, cells: ['last', ''] },
    ])
    expect(table.problems).toEqual([])
  })

  test.each([
    ['semicolons', 'Title;Due\nA, B;2026-01-31\n'],
    ['tabs', 'Title\tDue\nA, B\t2026-01-31\n'],
    ['bars', '"Title, long"|Due\nA, B|2026-01-31\n'],
    ['commas', 'Title,Due\n"A, B",2026-01-31\n'],
  ])('finds out about %s', (_name, text) => {
    expect(parseCsv(text).rows).toEqual([{ line: 2, cells: ['A, B', '2026-01-31'] }])
  })

  test('sets rows with too many cells aside, and fills up short ones', () => {
    const table = parseCsv('title,status,notes\na,open\nb,open,fine,surplus\nc,open,fine,\n')
    expect(table.rows).toEqual([
      { line: 2, cells: ['a', 'open', ''] },
      { line: 4, cells: ['c', 'open', 'fine'] },
    ])
    expect(table.problems).toEqual([{ line: 3, kind: 'skipped', reason: 'it has 4 cells, the first line names 3' }])
  })

  test('tells of a quote that is never closed, and keeps what came before', () => {
    const table = parseCsv('title,notes\ngood,x\nbad,"never closed\nmore\n')
    expect(table.rows).toEqual([{ line: 2, cells: ['good', 'x'] }])
    expect(table.problems).toEqual([{ line: 3, kind: 'skipped', reason: 'a quotation mark is opened and never closed' }])
  })

  test('takes one column, and names columns without a name', () => {
    expect(parseCsv('Title\nShip it\n').rows).toEqual([{ line: 2, cells: ['Ship it'] }])
    expect(parseCsv('Title,,x\na,b,c\n').headers).toEqual(['Title', 'Column 2', 'x'])
  })

  test.each(['', '  \n'])('says that %j holds nothing', (text) => {
    expect(() => parseText(text)).toThrow(UnreadableFile)
  })
})
