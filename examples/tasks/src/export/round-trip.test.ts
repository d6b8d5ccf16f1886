import type { EventInput, Value } from 'spicetime'
import { describe, expect, test } from 'vitest'
import { findDuplicates } from '../import/duplicates.js'
import { guessMapping } from '../import/guess-mapping.js'
import { parseText } from '../import/read-file.js'
import { readRows } from '../import/read-rows.js'
import type { Candidate } from '../import/read-rows.js'
import { CHUNK, writeTasks } from '../import/write-tasks.js'
import { arrange, EMPTY_ARRANGEMENT } from '../model/columns.js'
import type { Arrangement } from '../model/columns.js'
import { portableTasks } from '../model/portable.js'
import { taskValue } from '../model/task.js'
import { toCsv } from './to-csv.js'
import { toJson } from './to-json.js'

const NOW = Date.UTC(2026, 0, 15)
const ODD = ['plain', 'comma, "quote"', '=1+1', 'ünïcode 漢字 \u{1F600}', "it's; fine\ttab", "'quoted", "'=x", '-1', '@x']

const tasks = ODD.map((title, index) => ({
  title,
  notes: index % 2 === 0 ? '' : ' first line\n\n  "second", line ',
  assignee: index === 1 ? 'Ada, Bob' : '',
  due: index === 2 ? '2026-02-28' : null,
  status: (['todo', 'doing', 'done'] as const)[index % 3] ?? 'todo',
  order: `a${index}`,
  createdAt: NOW + index,
  externalId: `X-${index}`,
}))
const board = boardOf(tasks.map((task, index) => [`id-${index}`, taskValue(task)]))

describe.each([
  ['csv', toCsv],
  ['json', toJson],
] as const)('%s', (_format, write) => {
  const text = write(portableTasks(board))

  test('comes back the same, byte for byte', async () => {
    const candidates = candidatesIn(text)
    const inputs = await written(candidates, EMPTY_ARRANGEMENT)
    expect(write(portableTasks(boardOf(inputs)))).toBe(text)
  })

  test('imported again on the same board, every row is known', () => {
    const candidates = candidatesIn(text)
    expect(findDuplicates(candidates, board.tasks).size).toBe(ODD.length)
    expect(findDuplicates(candidates, EMPTY_ARRANGEMENT.tasks).size).toBe(0)
  })
})

test('no cell of a CSV begins like a formula', () => {
  const cells = toCsv(portableTasks(board))
    .split(/\r\n/)
    .flatMap((line) => line.split(','))
  expect(cells.filter((cell) => /^"?[=+\-@]/.test(cell))).toEqual([])
})

test('imported tasks stand below those on the board, in the order of the file', async () => {
  const inputs = await written(candidatesIn('title\nfirst\nsecond\nthird\n'), board)
  const both = boardOf([...tasks.map((task, index): [string, Value] => [`id-${index}`, taskValue(task)]), ...inputs])
  expect(both.columns.todo.map((task) => task.title).slice(-3)).toEqual(['first', 'second', 'third'])
})

test('ten thousand rows are written in chunks, and a stop keeps what was written', async () => {
  const rows = Array.from({ length: 10_000 }, (_, index) => `Task ${index}`)
  const candidates = candidatesIn(`title\n${rows.join('\n')}\n`)
  expect(candidates).toHaveLength(10_000)
  const stop = new AbortController()
  const inputs = await written(
    candidates,
    EMPTY_ARRANGEMENT,
    (count) => {
      if (count >= 3 * CHUNK) stop.abort()
    },
    stop,
  )
  expect(inputs).toHaveLength(3 * CHUNK)
})

function candidatesIn(text: string): readonly Candidate[] {
  const table = parseText(text)
  const { candidates, problems } = readRows(table, { mapping: guessMapping(table.headers), dateOrder: 'day-first', now: NOW })
  expect(problems).toEqual([])
  return candidates
}

async function written(
  candidates: readonly Candidate[],
  onto: Arrangement,
  ...[onProgress = () => undefined, stop = new AbortController()]: [((count: number) => void)?, AbortController?]
): Promise<[string, Value][]> {
  const entities: [string, Value][] = []
  const submitEvents = async (inputs: readonly EventInput[]): Promise<never[]> => {
    for (const input of inputs) if (input.op === 'put') entities.push([input.path.replace('me/tasks/', ''), input.value])
    return []
  }
  await writeTasks(candidates, {
    runtime: { submitEvents },
    collection: 'me/tasks',
    columns: onto.columns,
    signal: stop.signal,
    onProgress,
  })
  return entities
}

function boardOf(entities: readonly (readonly [string, Value])[]): Arrangement {
  return arrange(EMPTY_ARRANGEMENT, Object.fromEntries(entities), (task) => task)
}
