import { describe, expect, test } from 'vitest'
import { compareTasks, keysAfter, placeAt } from './order.js'

const column = (...orders: string[]): { id: string; order: string }[] => orders.map((order, index) => ({ id: `t${index}`, order }))

function ordered(tasks: readonly { id: string; order: string }[], index: number, id: string): string[] {
  const placements = new Map(placeAt(tasks, index, id).map((placement) => [placement.id, placement]))
  const others = tasks.map((task) => placements.get(task.id) ?? task)
  const own = placements.get(id)
  if (own === undefined) throw new Error('no place given')
  return [...others, own].sort(compareTasks).map((task) => task.id)
}

describe('placing a task', () => {
  const tasks = column('a0', 'a1', 'a2')

  test.each([
    [0, ['x', 't0', 't1', 't2']],
    [1, ['t0', 'x', 't1', 't2']],
    [3, ['t0', 't1', 't2', 'x']],
  ])('at %i changes only the task itself', (index, result) => {
    expect(ordered(tasks, index, 'x')).toEqual(result)
    expect(placeAt(tasks, index, 'x')).toHaveLength(1)
  })

  test('between two with the same key moves the ones below it along', () => {
    const tied = column('a0', 'a1', 'a1', 'a1', 'a2')
    expect(ordered(tied, 2, 'x')).toEqual(['t0', 't1', 'x', 't2', 't3', 't4'])
    expect(placeAt(tied, 2, 'x').map(({ id }) => id)).toEqual(['x', 't2', 't3'])
  })

  test('into an empty column, and among keys that are none', () => {
    expect(ordered([], 0, 'x')).toEqual(['x'])
    expect(ordered(column('', 'zzz!', 'a0'), 3, 'x')).toHaveLength(4)
  })
})

test('keys after a column are in order and above it', () => {
  const keys = keysAfter(column('a0', 'a5'), 1000)
  expect(keys).toHaveLength(1000)
  expect(['a5', ...keys]).toEqual(['a5', ...keys].toSorted())
  expect(new Set(keys).size).toBe(1000)
})
