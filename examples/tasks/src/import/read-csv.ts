import Papa from 'papaparse'
import { unguardFormula } from './formula-guard.js'
import { excerptOf, UnreadableFile } from './table.js'
import type { BadRow, Table, TableRow } from './table.js'

interface Parsed {
  readonly cells: readonly string[]
  readonly line: number
  readonly error: string | undefined
}

/**
 * Splits CSV (comma, semicolon, tab or bar; quoted cells may hold line breaks). Rows with another number of cells than the header are set aside.
 * @throws UnreadableFile when there is no header with a row below it
 */
export function readCsv(text: string): Table {
  const parsed = parseRows(text.replace(/^\uFEFF/, ''))
  const [header, ...body] = parsed
  if (header === undefined || body.length === 0) {
    throw new UnreadableFile('This CSV has no rows below a header. Its first line must name the columns, such as “title,status,due”.')
  }
  const headers = header.cells.map((name, index) => (name.trim() === '' ? `Column ${index + 1}` : name.trim()))
  const rows: TableRow[] = []
  const broken: BadRow[] = []
  for (const row of body) {
    const reason = row.error ?? misfit(row.cells, headers)
    if (reason === undefined) rows.push({ line: row.line, cells: row.cells.map(unguardFormula) })
    else broken.push({ line: row.line, reason, excerpt: excerptOf(row.cells) })
  }
  return { format: 'csv', headers, rows, broken }
}

function parseRows(text: string): Parsed[] {
  const rows: Parsed[] = []
  let line = 1
  let from = 0
  Papa.parse<string[]>(text, {
    delimiter: guessDelimiter(text),
    skipEmptyLines: false,
    step: ({ data, errors, meta }) => {
      const blank = data.length === 1 && (data[0] ?? '').trim() === ''
      const error = errors.find((each) => each.type === 'Quotes')
      if (!blank) rows.push({ cells: data, line, error: error === undefined ? undefined : quoteReason(error.code) })
      line += countLines(text, from, meta.cursor)
      from = meta.cursor
    },
  })
  return rows
}

/** The separator that the header has most of, outside quotes: titles and notes are free to hold the others. */
function guessDelimiter(text: string): string {
  const header = /^(?:"(?:[^"]|"")*"|[^"\r\n])*/.exec(text.trimStart())?.[0].replace(/"(?:[^"]|"")*"/g, '') ?? ''
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({ delimiter, count: header.split(delimiter).length }))
  return counts.reduce((best, each) => (each.count > best.count ? each : best)).delimiter
}

/** Line breaks in a piece of the text: LF, CRLF, or CR alone. */
function countLines(text: string, from: number, to: number): number {
  let lines = 0
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) lines += 1
  }
  return lines
}

function quoteReason(code: string): string {
  if (code === 'MissingQuotes') return 'A quoted cell is never closed: add the missing ".'
  return 'A quotation mark stands inside a cell: double it ("").'
}

/** Missing cells at the end are empty ones; more cells than columns mean an unquoted separator. */
function misfit(cells: readonly string[], headers: readonly string[]): string | undefined {
  const extra = cells.slice(headers.length)
  if (extra.every((cell) => cell.trim() === '')) return undefined
  return `It has ${cells.length} cells, but the header has ${headers.length}: quote the cell that holds a separator.`
}
