import { elementLines } from './element-lines.js'
import { jsonCell } from './json-cell.js'
import { tooManyRows } from './parse-csv.js'
import { MAX_ROWS, UnreadableFile } from './table.js'
import type { Problem, Row, Table } from './table.js'
import { trelloCards } from './trello.js'

type JsonMap = { readonly [key: string]: unknown }

const LIST_KEYS = ['tasks', 'issues', 'items', 'cards', 'data', 'results', 'nodes', 'records']

/**
 * Reads a list of maps: the whole file, one of the lists that tools wrap theirs in, or one map per line.
 * @throws UnreadableFile
 */
export function parseJson(text: string): Table {
  const plain = text.replace(/^\uFEFF/, '')
  const { elements, lines } = readElements(plain)
  if (elements.length > MAX_ROWS) throw new UnreadableFile(tooManyRows(elements.length))
  const headers = new Map<string, number>()
  const problems: Problem[] = []
  const maps: { readonly line: number; readonly map: JsonMap }[] = []
  for (const [index, element] of elements.entries()) {
    const line = lines[index] ?? 1
    if (element instanceof UnreadableFile) problems.push({ line, kind: 'skipped', reason: element.message })
    else if (!isMap(element)) problems.push({ line, kind: 'skipped', reason: 'it is not a map of fields' })
    else maps.push({ line, map: flatten(element) })
  }
  for (const { map } of maps) for (const key of Object.keys(map)) if (!headers.has(key)) headers.set(key, headers.size)
  const names = [...headers.keys()]
  const rows: Row[] = maps.map(({ line, map }) => ({ line, cells: names.map((name) => jsonCell(map[name])) }))
  return { headers: names, rows, problems }
}

interface Elements {
  readonly elements: readonly unknown[]
  readonly lines: readonly number[]
}

function readElements(text: string): Elements {
  let whole: unknown
  try {
    whole = JSON.parse(text)
  } catch (error) {
    const perLine = readLines(text)
    if (perLine !== undefined) return perLine
    throw new UnreadableFile(`The file is not well-formed JSON${placeOf(error, text)}. Export it again, or mend it there.`)
  }
  if (Array.isArray(whole)) return { elements: whole, lines: elementLines(text, undefined) }
  if (isMap(whole)) {
    const cards = trelloCards(whole)
    if (cards !== undefined) return { elements: cards, lines: elementLines(text, 'cards') }
    for (const key of LIST_KEYS) {
      const list = whole[key]
      if (Array.isArray(list)) return { elements: list, lines: elementLines(text, key) }
    }
  }
  throw new UnreadableFile(
    `The file holds no list of tasks. A list, or a map with one under ${LIST_KEYS.map((key) => `'${key}'`).join(', ')}, is needed.`,
  )
}

/** One JSON value per line; undefined when the first line is none. */
function readLines(text: string): Elements | undefined {
  const elements: unknown[] = []
  const lines: number[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    let element: unknown
    try {
      element = JSON.parse(line)
    } catch {
      if (elements.length === 0) return undefined
      element = new UnreadableFile('the line is not well-formed JSON')
    }
    elements.push(element)
    lines.push(index + 1)
  }
  return elements.length > 1 ? { elements, lines } : undefined
}

/** Jira keeps what matters under `fields`. */
function flatten(map: JsonMap): JsonMap {
  const { fields, ...rest } = map
  return isMap(fields) ? { ...rest, ...fields } : map
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function placeOf(error: unknown, text: string): string {
  const message = error instanceof Error ? error.message : ''
  const position = /position (\d+)/.exec(message)?.[1]
  if (position === undefined) return ''
  return ` (line ${text.slice(0, Number(position)).split('\n').length})`
}
