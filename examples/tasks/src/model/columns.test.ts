import type { ValueMap } from 'spicetime'
import { describe, expect, test } from 'vitest'
import { arrange, EMPTY_ARRANGEMENT } from './columns.js'
import type { Arrangement, Overlay } from './columns.js'
import { filterColumns, searchWords } from './search.js'

const asIs: Overlay = (task) => task
const value = (title: string, status: string, order: string): ValueMap => ({ title, status, order })
const titles = ({ columns }: Arrangement): string[][] =>
  [columns.todo, columns.doing, columns.done].map((column) => column.map((task) => task.title))

describe('arranging a board', () => {
  const entities = { a: value('A', 'todo', 'a1'), b: value('B', 'todo', 'a0'), c: value('C', 'done', 'a0') }
  const first = arrange(EMPTY_ARRANGEMENT, entities, asIs)

  test('sorts tasks into columns', () => {
    expect(titles(first)).toEqual([['B', 'A'], [], ['C']])
  })

  test('what did not change stays the same object', () => {
    expect(arrange(first, { ...entities }, asIs)).toBe(first)
    const moved = arrange(first, { ...entities, a: value('A', 'doing', 'a0') }, asIs)
    expect(titles(moved)).toEqual([['B'], ['A'], ['C']])
    expect(moved.columns.done).toBe(first.columns.done)
    expect(moved.tasks.get('b')).toBe(first.tasks.get('b'))
  })

  test('added, moved and removed tasks end up where sorting everything would put them', () => {
    let arrangement = EMPTY_ARRANGEMENT
    const now: Record<string, ValueMap> = {}
    const statuses = ['todo', 'doing', 'done']
    for (let step = 0; step < 400; step += 1) {
      const id = `t${(step * 7) % 60}`
      if (step % 5 === 4) delete now[id]
      else now[id] = value(`${id}-${step}`, statuses[((step * 3) % 3) ^ (step % 2)] ?? 'todo', `a${(step * 13) % 10}`)
      arrangement = arrange(arrangement, { ...now }, asIs)
    }
    expect(titles(arrangement)).toEqual(titles(arrange(EMPTY_ARRANGEMENT, now, asIs)))
  })

  test('odd documents fall back field by field, and what is no task is counted', () => {
    const odd = arrange(
      EMPTY_ARRANGEMENT,
      { a: { title: 'A', status: 7, due: 'soon', notes: null }, b: { name: 'no title' }, c: 'text' },
      asIs,
    )
    expect(odd.unreadable).toBe(2)
    expect(odd.columns.todo).toMatchObject([{ title: 'A', status: 'todo', due: null, notes: '' }])
  })
})

test('a search wants every word, whatever its case and accents', () => {
  const { columns } = arrange(
    EMPTY_ARRANGEMENT,
    { a: { ...value('Résumé', 'todo', 'a0'), assignee: 'Ada' }, b: { ...value('Other', 'done', 'a0'), notes: 'my resume' } },
    asIs,
  )
  const found = (query: string): number => Object.values(filterColumns(columns, searchWords(query))).flat().length
  expect(found('resume')).toBe(2)
  expect(found('RESUME ada')).toBe(1)
  expect(found('  ')).toBe(2)
  expect(found('nothing')).toBe(0)
})
