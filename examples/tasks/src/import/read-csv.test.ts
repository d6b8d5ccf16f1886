import { describe, expect, test } from 'vitest'
import { readCsv } from './read-csv.js'
import { readTable } from './read-file.js'
import { UnreadableFile } from './table.js'

describe('reading CSV', () => {
  test('gives headers, cells and the line each row starts on', () => {
    const table = readCsv('\uFEFFTitle,Status\r\nShip it,open\r\n\r\n"two\r\nlines",done\r\nlast,\r\n')
    expect(table.headers).toEqual(['Title', 'Status'])
    expect(table.rows).toEqual([
      { line: 2, cells: ['Ship it', 'open'] },
      { line: 4, cells: ['two\r\nlines', 'done'] },
      { line: 6, cells: ['last', ''] },
    ])
    expect(table.broken).toEqual([])
  })

  test.each([
    ['semicolons', 'Title;Due\nA, B;2026-01-31\n'],
    ['tabs', 'Title\tDue\nA, B\t2026-01-31\n'],
    ['commas', 'Title,Due\n"A, B",2026-01-31\n'],
  ])('finds out about %s', (_name, text) => {
    expect(readCsv(text).rows).toEqual([{ line: 2, cells: ['A, B', '2026-01-31'] }])
  })

  test('sets rows with too many cells aside, and fills up short ones', () => {
    const table = readCsv('title,status,notes\na,open\nb,open,fine,surplus\nc,open,fine,\n')
    expect(table.rows.map((row) => row.line)).toEqual([2, 4])
    expect(table.broken).toEqual([
      { line: 3, reason: expect.stringContaining('It has 4 cells, but the header has 3'), excerpt: 'b, open, fine, surplus' },
    ])
  })

  test('lists a quote that is never closed, and keeps what came before', () => {
    const table = readCsv('title,notes\ngood,x\nbad,"never closed\nmore\n')
    expect(table.rows).toEqual([{ line: 2, cells: ['good', 'x'] }])
    expect(table.broken).toEqual([{ line: 3, reason: expect.stringContaining('never closed'), excerpt: expect.stringContaining('bad') }])
  })

  test('takes one column, and names columns without a name', () => {
    expect(readCsv('Title\nShip it\n').rows).toEqual([{ line: 2, cells: ['Ship it'] }])
    expect(readCsv('Title,,x\na,b,c\n').headers).toEqual(['Title', 'Column 2', 'x'])
  })

  test.each(['', '  \n', 'title,status\n', 'abc\0def'])('says what is wrong with %j', (text) => {
    expect(() => readTable(text)).toThrow(UnreadableFile)
  })
})
