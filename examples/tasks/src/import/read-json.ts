import { excerptOf, UnreadableFile } from './table.js'
import type { BadRow, Table, TableRow } from './table.js'

interface Entries {
  readonly [key: string]: unknown
}

/** Where tools keep their list: `{ "issues": […] }` and so on. */
const LISTS = ['tasks', 'issues', 'items', 'cards', 'nodes', 'data', 'results', 'rows']
/** What names a person or a status that is itself an object. */
const NAMES = ['name', 'displayName', 'login', 'fullName', 'title', 'value', 'username', 'emailAddress', 'email']

/**
 * Reads a list of objects, or an object that holds one (GitHub, Jira and Trello exports among them). Nested fields become columns such as `fields.summary`.
 * @throws UnreadableFile when it is no JSON, or holds no list of objects
 */
export function readJson(text: string): Table {
  const root = parse(text.replace(/^\uFEFF/, ''))
  const list = listIn(root)
  if (list === undefined) {
    throw new UnreadableFile('This JSON holds no list of tasks. It should be a list of objects, such as [{ "title": "…" }], or an object with one.')
  }
  const lanes = laneNames(root)
  const flat = list.map((item) => (isEntries(item) ? flatten(item, lanes) : undefined))
  const headers = [...new Set(flat.flatMap((item) => [...(item?.keys() ?? [])]))]
  const rows: TableRow[] = []
  const broken: BadRow[] = []
  flat.forEach((item, index) => {
    const line = index + 1
    if (item !== undefined) rows.push({ line, cells: headers.map((header) => item.get(header) ?? '') })
    else broken.push({ line, reason: 'It is not an object with fields.', excerpt: excerptOf([JSON.stringify(list[index])]) })
  })
  if (rows.length === 0) throw new UnreadableFile('This JSON holds an empty list: there is nothing to import.')
  return { format: 'json', headers, rows, broken }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UnreadableFile(`This is not valid JSON: ${why}. Export the file again, or choose CSV.`, { cause: error })
  }
}

function listIn(root: unknown): readonly unknown[] | undefined {
  if (Array.isArray(root)) return root
  if (!isEntries(root)) return undefined
  for (const key of LISTS) {
    const list = listIn(root[key])
    if (list !== undefined) return list
  }
  return Object.values(root).find((value): value is unknown[] => Array.isArray(value) && value.some(isEntries))
}

/** Trello's cards name their list by id alone; its board names the lists. */
function laneNames(root: unknown): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  if (!isEntries(root) || !Array.isArray(root['lists'])) return names
  for (const lane of root['lists'] as readonly unknown[]) {
    if (isEntries(lane) && typeof lane['id'] === 'string' && typeof lane['name'] === 'string') names.set(lane['id'], lane['name'])
  }
  return names
}

function flatten(item: Entries, lanes: ReadonlyMap<string, string>): Map<string, string> {
  const cells = new Map<string, string>()
  addFields(cells, item, '')
  const lane = lanes.get(cells.get('idList') ?? '')
  if (lane !== undefined) cells.set('list', lane)
  return cells
}

function addFields(cells: Map<string, string>, entries: Entries, prefix: string): void {
  for (const [key, value] of Object.entries(entries)) {
    const name = `${prefix}${key}`
    const text = cellOf(value)
    if (text !== undefined) cells.set(name, text)
    else if (isEntries(value) && prefix.split('.').length < 3) addFields(cells, value, `${name}.`)
  }
}

/** The text of a value; undefined for an object without a name, whose fields become columns. */
function cellOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return value.map((each) => cellOf(each) ?? '').filter((each) => each !== '').join(', ')
  if (!isEntries(value)) return ''
  const name = NAMES.map((key) => value[key]).find((each) => typeof each === 'string')
  return typeof name === 'string' ? name : undefined
}

function isEntries(value: unknown): value is Entries {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
