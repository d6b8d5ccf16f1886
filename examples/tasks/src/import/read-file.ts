import { readCsv } from './read-csv.js'
import { readJson } from './read-json.js'
import { UnreadableFile } from './table.js'
import type { Table } from './table.js'

/** Bytes: a hundred thousand tasks fit, a video does not. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024

/** Reads CSV or JSON, told apart by how the text begins. @throws UnreadableFile */
export function readTable(text: string): Table {
  const start = text.replace(/^\uFEFF/, '').trimStart().charAt(0)
  if (start === '') throw new UnreadableFile('There is nothing in it. Choose a CSV or JSON file with at least one task.')
  if (text.includes('\0')) throw new UnreadableFile('This is not a text file. Export your tasks as CSV or JSON and choose that file.')
  return start === '[' || start === '{' ? readJson(text) : readCsv(text)
}
