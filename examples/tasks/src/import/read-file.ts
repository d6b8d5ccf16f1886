import { parseCsv } from './parse-csv.js'
import { parseJson } from './parse-json.js'
import { MAX_FILE_BYTES, UnreadableFile } from './table.js'
import type { Table } from './table.js'

/** Reads a chosen or dropped file. @throws UnreadableFile */
export async function readFile(file: File): Promise<Table> {
  if (file.size > MAX_FILE_BYTES) {
    const megabytes = Math.round(file.size / 1024 / 1024)
    throw new UnreadableFile(
      `The file has ${megabytes} MB; at most ${MAX_FILE_BYTES / 1024 / 1024} MB can be imported. Split it and import the parts.`,
    )
  }
  const bytes = await file.arrayBuffer()
  try {
    return parseText(new TextDecoder('utf-8', { fatal: true }).decode(bytes), file.name)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new UnreadableFile('The file is not UTF-8 text. Save it as CSV (UTF-8) or JSON and try again.')
  }
}

/** Reads pasted text, or a file's: JSON when it looks like it or is named so, else CSV. @throws UnreadableFile */
export function parseText(text: string, name = ''): Table {
  if (text.trim() === '')
    throw new UnreadableFile('There is nothing in it. Choose a file with a first line that names the columns, or a JSON list.')
  const looksLikeJson = /^\uFEFF?\s*[[{]/.test(text)
  const named = /\.(csv|tsv|txt|json|jsonl|ndjson)$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  const isJson = named.includes('json') || (looksLikeJson && named !== 'csv' && named !== 'tsv')
  return isJson ? parseJson(text) : parseCsv(text)
}
