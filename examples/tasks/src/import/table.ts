/** One row of a file, as text by column. */
export interface Row {
  /** Where it starts in the file, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/** Something to tell about a row: it was left out, or taken with a change. */
export interface Problem {
  readonly line: number
  readonly kind: 'skipped' | 'changed'
  readonly reason: string
}

/** A file as rows and columns, before anything is known of what the columns mean. */
export interface Table {
  readonly headers: readonly string[]
  readonly rows: readonly Row[]
  readonly problems: readonly Problem[]
}

/** A file that can't be read at all; the message says why and what to do. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile'
}

export const MAX_FILE_BYTES = 64 * 1024 * 1024
export const MAX_ROWS = 100_000
