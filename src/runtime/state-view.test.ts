import { describe, expect, test } from 'vitest'
import type { DocumentChange, StateSnapshot } from './model/state-change.js'
import type { Level } from './model/network.js'
import { documentOf, parsePath } from './model/path.js'
import type { DocumentPath } from './model/path.js'
import type { Value } from './model/value.js'
import { StateView } from './state-view.js'
import { packDocument } from '../workers/test/stand-in-runtime.js'

type Row = readonly [path: string, value: Value | undefined, level?: Level, updatedAt?: number]

function document(path: string): DocumentPath {
  const found = documentOf(parsePath(path))
  if (found === undefined) throw new Error(`${path} is no document`)
  return found
}

/** All rows in one chunk. */
function snapshot(rows: readonly Row[], complete = true): StateSnapshot {
  const packed = rows.flatMap(([path, value, level, updatedAt = 1]) => [...packDocument(path, { value, updatedAt }, level)])
  return { kind: 'snapshot', documents: [Uint8Array.from(packed)], complete }
}

function change([path, value, level = 'local', updatedAt = 1]: Row): { kind: 'documents'; changes: DocumentChange[] } {
  return { kind: 'documents', changes: [{ path: document(path), value, level, updatedAt, pending: [], networks: {} }] }
}

describe('StateView', () => {
  test('nests by segment below the path', () => {
    const rows: Row[] = [
      ['acme/notes/1', 'n'],
      ['acme/tasks/1', { title: 'a' }],
      ['acme/tasks/2', { title: 'ü' }],
    ]
    const space = new StateView('acme')
    expect(space.apply(snapshot(rows))).toBe(true)
    expect(space.state()).toMatchObject({
      path: 'acme',
      value: { notes: { '1': 'n' }, tasks: { '1': { title: 'a' }, '2': { title: 'ü' } } },
    })
    const tasks = new StateView('acme/tasks')
    tasks.apply(snapshot(rows.slice(1)))
    expect(tasks.state().value).toEqual({ '1': { title: 'a' }, '2': { title: 'ü' } })
  })

  test('nothing there is undefined, at level local and time 0', () => {
    const view = new StateView('acme/tasks')
    view.apply({ kind: 'snapshot', documents: [], complete: true })
    expect(view.state()).toEqual({
      path: 'acme/tasks',
      value: undefined,
      heads: [],
      level: 'local',
      pending: [],
      networks: {},
      updatedAt: 0,
    })
  })

  test('shows nothing before the snapshot is complete', () => {
    const view = new StateView('acme/tasks')
    expect(view.apply(snapshot([['acme/tasks/1', 1]], false))).toBe(false)
    expect(view.apply(snapshot([['acme/tasks/2', 2]], true))).toBe(true)
    expect(view.state().value).toEqual({ '1': 1, '2': 2 })
  })

  test('a new snapshot replaces all before it', () => {
    const view = new StateView('acme/tasks')
    view.apply(snapshot([['acme/tasks/1', 1, 'final', 9]]))
    view.apply(snapshot([['acme/tasks/2', 2, 'sent', 5]]))
    expect(view.state()).toMatchObject({ value: { '2': 2 }, level: 'sent', updatedAt: 5 })
  })

  test('values that were handed out never change, and unchanged documents stay the same', () => {
    const view = new StateView('acme')
    view.apply(
      snapshot([
        ['acme/notes/1', ['n']],
        ['acme/tasks/1', { title: 'a' }],
        ['acme/tasks/2', { title: 'b' }],
      ]),
    )
    const before = view.state().value as { notes: object; tasks: Record<string, unknown> }
    view.apply(change(['acme/tasks/2', { title: 'c' }]))
    view.apply(change(['acme/tasks/3', { title: 'd' }]))
    const after = view.state().value as { notes: object; tasks: Record<string, unknown> }
    expect(before.tasks).toEqual({ '1': { title: 'a' }, '2': { title: 'b' } })
    expect(after.tasks).toEqual({ '1': { title: 'a' }, '2': { title: 'c' }, '3': { title: 'd' } })
    expect(after.tasks['1']).toBe(before.tasks['1'])
    expect(after.notes).toBe(before.notes)
  })

  test('removing the last document of a collection, then of the path', () => {
    const view = new StateView('acme')
    view.apply(
      snapshot([
        ['acme/notes/1', 1],
        ['acme/tasks/1', 1],
      ]),
    )
    view.apply(change(['acme/tasks/1', undefined]))
    expect(view.state().value).toEqual({ notes: { '1': 1 } })
    view.apply(change(['acme/tasks/1', undefined]))
    view.apply(change(['acme/notes/1', undefined]))
    expect(view.state().value).toBeUndefined()
    view.apply(change(['acme/notes/2', null]))
    expect(view.state().value).toEqual({ notes: { '2': null } })
  })

  test('the level is the lowest of all, as documents come, change and are removed', () => {
    const view = new StateView('acme/tasks')
    view.apply(
      snapshot([
        ['acme/tasks/1', 1, 'final'],
        ['acme/tasks/2', 2, 'shared'],
        ['acme/tasks/3', undefined, 'final'],
      ]),
    )
    const levels = [view.state().level]
    const steps: Row[] = [
      ['acme/tasks/2', 2, 'confirmed'],
      ['acme/tasks/1', 9, 'local', 70],
      ['acme/tasks/1', undefined, 'sent'],
      ['acme/tasks/1', undefined, 'final'],
      ['acme/tasks/3', 3, 'shared'],
      ['acme/tasks/3', 3, 'final'],
      ['acme/tasks/2', 2, 'final'],
    ]
    for (const step of steps) {
      view.apply(change(step))
      levels.push(view.state().level)
    }
    expect(levels).toEqual(['shared', 'confirmed', 'local', 'sent', 'confirmed', 'shared', 'confirmed', 'final'])
    expect(view.state()).toMatchObject({ value: { '2': 2, '3': 3 }, updatedAt: 70 })
  })

  test('entities named like members of every object are plain keys', () => {
    const view = new StateView('acme/tasks')
    view.apply(snapshot([['acme/tasks/toString', 1]]))
    view.apply(change(['acme/tasks/valueOf', undefined]))
    view.apply(change(['acme/tasks/hasOwnProperty', 2]))
    expect(Object.entries(view.state().value as object)).toEqual([
      ['toString', 1],
      ['hasOwnProperty', 2],
    ])
  })

  test('a truncated chunk is RECORD_DAMAGED', () => {
    const view = new StateView('acme/tasks')
    const [chunk = new Uint8Array()] = snapshot([['acme/tasks/1', 'text']]).documents
    const cut = { kind: 'snapshot', documents: [chunk.subarray(0, -1)], complete: true } as const
    expect(() => view.apply(cut)).toThrow(expect.objectContaining({ code: 'RECORD_DAMAGED' }) as Error)
  })
})
