/** What a file of tasks holds, before anything is known of its columns. */
export interface Table {
  readonly format: 'csv' | 'json'
  readonly headers: readonly string[]
  readonly rows: readonly TableRow[]
  /** Rows that could not even be split into cells. */
  readonly broken: readonly BadRow[]
}

export interface TableRow {
  /** Where the row starts: line of a CSV file, item of a JSON list; both from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

export interface BadRow {
  readonly line: number
  readonly reason: string
  /** Enough of the row to find it by. */
  readonly excerpt: string
}

/** The file as a whole can't be used; the message says why and what to do. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile'
}

export function excerptOf(cells: readonly string[]): string {
  const text = cells.filter((cell) => cell.trim() !== '').join(', ').replace(/\s+/g, ' ')
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
