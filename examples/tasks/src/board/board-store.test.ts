import { describe, expect, it } from 'vitest'
import type { RuntimeClient, State, Value } from 'spicetime'
import { BoardStore } from './board-store.js'

type Entities = { readonly [id: string]: Value }

/** A watch that the test feeds, one state at a time. */
class FakeWatch {
  readonly #waiting: ((state: State) => void)[] = []
  #fail: ((error: Error) => void) | undefined

  readonly runtime = {
    watchState: () => ({
      [Symbol.asyncIterator]() {
        return this
      },
      next: () =>
        new Promise((resolve, reject) => {
          this.#waiting.push((value) => resolve({ done: false, value }))
          this.#fail = reject
        }),
    }),
  } as unknown as RuntimeClient

  async bring(entities: Entities): Promise<void> {
    await settled()
    this.#waiting.shift()?.({ value: entities, level: 'local' } as unknown as State)
    await settled()
  }

  async fail(error: Error): Promise<void> {
    await settled()
    this.#waiting.shift()
    this.#fail?.(error)
    await settled()
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const task = (order: string, status = 'todo'): Value => ({ title: order, notes: '', assignee: '', due: null, status, order, createdAt: 1 })

async function openStore(entities: Entities): Promise<{ readonly store: BoardStore; readonly watch: FakeWatch }> {
  const watch = new FakeWatch()
  const store = new BoardStore(watch.runtime, 'me')
  store.start()
  await watch.bring(entities)
  return { store, watch }
}

const ids = (store: BoardStore, status: 'todo' | 'doing' | 'done'): string[] =>
  store.snapshot.arrangement.columns[status].map(({ id }) => id)

describe('what the board shows before its submits are answered', () => {
  it('shows a change at once, and keeps it when the watch brings it', async () => {
    const { store, watch } = await openStore({ a: task('a0'), b: task('a1') })
    store.cover('a', { status: 'doing', order: 'a0' })
    expect(ids(store, 'doing')).toEqual(['a'])
    store.settle('a')
    expect(ids(store, 'doing')).toEqual(['a'])
    await watch.bring({ a: task('a0', 'doing'), b: task('a1') })
    expect(ids(store, 'doing')).toEqual(['a'])
    expect(ids(store, 'todo')).toEqual(['b'])
  })

  it('takes the change back when its submit fails', async () => {
    const { store } = await openStore({ a: task('a0') })
    store.cover('a', { status: 'done' })
    store.uncover('a')
    expect(ids(store, 'todo')).toEqual(['a'])
    expect(ids(store, 'done')).toEqual([])
  })

  it('lets a second change stand while the watch brings only the first', async () => {
    const { store, watch } = await openStore({ a: task('a0') })
    store.cover('a', { status: 'doing' })
    store.cover('a', { status: 'done' })
    await watch.bring({ a: task('a0', 'doing') })
    store.settle('a')
    expect(ids(store, 'done')).toEqual(['a'])
    await watch.bring({ a: task('a0', 'done') })
    store.settle('a')
    expect(ids(store, 'done')).toEqual(['a'])
  })

  it('shows what others made of the task once its own submit is settled', async () => {
    const { store, watch } = await openStore({ a: task('a0') })
    store.cover('a', { status: 'doing' })
    store.settle('a')
    await watch.bring({ a: task('a0', 'done') })
    expect(ids(store, 'done')).toEqual(['a'])
  })

  it('forgets what it showed of a task that is gone, so that it comes back as it is stored', async () => {
    const { store, watch } = await openStore({ a: task('a0') })
    store.cover('a', { status: 'done' })
    await watch.bring({})
    await watch.bring({ a: task('a0') })
    expect(ids(store, 'todo')).toEqual(['a'])
  })
})

describe('a watch that ends', () => {
  it('is shown with its reason, the last tasks stay, and start tries again', async () => {
    const { store, watch } = await openStore({ a: task('a0') })
    const reason = new Error('gone')
    await watch.fail(reason)
    expect(store.snapshot).toMatchObject({ phase: 'failed', failure: reason })
    expect(ids(store, 'todo')).toEqual(['a'])
    store.start()
    expect(store.snapshot).toMatchObject({ phase: 'loading', failure: undefined })
    await watch.bring({ a: task('a0'), b: task('a1') })
    expect(store.snapshot.phase).toBe('ready')
    expect(ids(store, 'todo')).toEqual(['a', 'b'])
  })
})
