import Papa from 'papaparse'
import { unguardFormula } from './formula-guard.js'
import { MAX_ROWS, UnreadableFile } from './table.js'
import type { Problem, Row, Table } from './table.js'

const LINE_BREAK = /\r\n|\r|\n/g

/**
 * Reads CSV with a head, its delimiter guessed. Rows that are broken become problems, the others stay.
 * @throws UnreadableFile
 */
export function parseCsv(text: string): Table {
  const plain = text.replace(/^\uFEFF/, '')
  const parsed = Papa.parse<string[]>(plain, { delimiter: guessDelimiter(plain) })
  const broken = new Map(parsed.errors.filter(({ row }) => row !== undefined).map(({ row, message }) => [row, message]))
  const problems: Problem[] = []
  const rows: Row[] = []
  let headers: readonly string[] | undefined
  let line = 1
  for (const [index, cells] of parsed.data.entries()) {
    const start = line
    line += 1 + cells.reduce((count, cell) => count + (cell.match(LINE_BREAK)?.length ?? 0), 0)
    if (cells.every((cell) => cell.trim() === '')) continue
    if (headers === undefined) {
      headers = namedHeaders(cells)
      continue
    }
    const problem = broken.get(index) ?? tooMany(cells, headers.length)
    if (problem !== undefined) problems.push({ line: start, kind: 'skipped', reason: explain(problem) })
    else rows.push({ line: start, cells: headers.map((_, column) => unguardFormula(cells[column] ?? '')) })
  }
  if (headers === undefined) throw new UnreadableFile('The file is empty. Export it again with a first line that names the columns.')
  if (rows.length > MAX_ROWS) throw new UnreadableFile(tooManyRows(rows.length))
  return { headers, rows, problems }
}

/** The separator that the first line has most of, outside quotes: titles and notes are free to hold the others. */
function guessDelimiter(text: string): string {
  const first = /^(?:"(?:[^"]|"")*"|[^"\r\n])*/.exec(text.trimStart())?.[0] ?? ''
  const plain = first.replace(/"(?:[^"]|"")*"/g, '')
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({ delimiter, count: plain.split(delimiter).length }))
  return counts.reduce((best, each) => (each.count > best.count ? each : best)).delimiter
}

/** What to say of a file with too many rows. */
export function tooManyRows(count: number): string {
  return `The file has ${count.toLocaleString()} rows; at most ${MAX_ROWS.toLocaleString()} can be imported at once. Split it and import the parts.`
}

function namedHeaders(cells: readonly string[]): readonly string[] {
  return cells.map((cell, index) => (cell.trim() === '' ? `Column ${index + 1}` : unguardFormula(cell.trim())))
}

/** Empty cells at the end do no harm. */
function tooMany(cells: readonly string[], columns: number): string | undefined {
  const extra = cells.slice(columns).some((cell) => cell.trim() !== '')
  return extra ? `it has ${cells.length} cells, the first line names ${columns}` : undefined
}

function explain(problem: string): string {
  if (/quoted field unterminated/i.test(problem)) return 'a quotation mark is opened and never closed'
  if (/trailing quote/i.test(problem)) return 'a quotation mark stands in the middle of a cell'
  return problem
}
