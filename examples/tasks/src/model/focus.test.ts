import { describe, expect, test } from 'vitest'
import type { Columns } from './columns.js'
import { focusAfterRemoval, placeInFull, stepFocus, stepMove } from './focus.js'
import type { Task } from './task.js'

const task = (id: string): Task => ({
  id,
  title: id,
  notes: '',
  assignee: '',
  due: null,
  status: 'todo',
  order: '',
  createdAt: 0,
  externalId: undefined,
})
const columns: Columns = { todo: ['a', 'b', 'c'].map(task), doing: [], done: ['x', 'y'].map(task) }

describe('arrow keys', () => {
  test.each([
    [undefined, 'down', 'a'],
    ['a', 'up', 'a'],
    ['a', 'down', 'b'],
    ['c', 'down', 'c'],
    ['a', 'last', 'c'],
    ['c', 'first', 'a'],
    ['c', 'right', 'y'],
    ['y', 'left', 'b'],
    ['x', 'right', 'x'],
  ] as const)('from %s %s to %s', (from, direction, to) => {
    expect(stepFocus(columns, from, direction)).toBe(to)
  })

  test('an empty board has nothing to focus', () => {
    expect(stepFocus({ todo: [], doing: [], done: [] }, undefined, 'down')).toBeUndefined()
  })
})

test('moving goes one step, into empty columns too, and stops at the edges', () => {
  expect(stepMove(columns, { status: 'todo', index: 2 }, 'right')).toEqual({ status: 'doing', index: 0 })
  expect(stepMove(columns, { status: 'todo', index: 0 }, 'up')).toBeUndefined()
  expect(stepMove(columns, { status: 'todo', index: 2 }, 'down')).toBeUndefined()
  expect(stepMove(columns, { status: 'done', index: 0 }, 'right')).toBeUndefined()
  expect(stepMove(columns, { status: 'done', index: 1 }, 'up')).toEqual({ status: 'done', index: 0 })
})

test('after a removal the neighbour has the focus', () => {
  expect(focusAfterRemoval(columns, 'b')).toBe('c')
  expect(focusAfterRemoval(columns, 'c')).toBe('b')
  expect(focusAfterRemoval({ ...columns, done: [task('x')] }, 'x')).toBe('a')
  expect(focusAfterRemoval({ todo: [task('a')], doing: [], done: [] }, 'a')).not.toBe('b')
})

test('a place among the shown cards is a place among all', () => {
  const full = ['a', 'b', 'c', 'd'].map(task)
  const visible = ['b', 'd'].map(task)
  expect(placeInFull(full, visible, 0)).toBe(1)
  expect(placeInFull(full, visible, 1)).toBe(2)
  expect(placeInFull(full, full, 4)).toBe(4)
  expect(placeInFull(full, visible, 2)).toBe(4)
})
