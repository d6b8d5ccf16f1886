import { SpiceTimeError } from 'spicetime'
import type { EventId, EventInput, RuntimeClient, State, Value, ValueMap } from 'spicetime'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BoardActions } from './board-actions.js'
import { BoardStore } from './board-store.js'
import { Notices } from './notices.js'

type Documents = { readonly [id: string]: ValueMap }
const STATE = { path: 'me/tasks', heads: [], level: 'local', pending: [], networks: {}, updatedAt: 1 } as const

/** A runtime that keeps documents in memory, brings a change only when told to, and fails when told to. */
class FakeRuntime {
  documents: Documents = {}
  failure: Error | undefined
  /** Answers to submits wait for it. */
  answering: Promise<void> = Promise.resolve()
  readonly submitted: EventInput[] = []
  #bring: ((result: IteratorResult<State<ValueMap>>) => void)[] = []
  #brought: State<ValueMap>[] = []

  readonly submitEvent = async (input: EventInput): Promise<EventId> => {
    await this.submitEvents([input])
    return 'id' as EventId
  }

  readonly submitEvents = async (inputs: readonly EventInput[]): Promise<readonly EventId[]> => {
    if (this.failure !== undefined) throw this.failure
    for (const input of inputs) this.#apply(input)
    await this.answering
    return []
  }

  readonly undo = async (): Promise<EventId> => {
    throw this.failure ?? new SpiceTimeError('NOTHING_TO_UNDO', 'There is no event left to undo.')
  }

  async *watchState(): AsyncIterableIterator<State<ValueMap>> {
    for (;;) {
      const next = this.#brought.shift()
      if (next !== undefined) yield next
      else {
        const result = await new Promise<IteratorResult<State<ValueMap>>>((resolve) => this.#bring.push(resolve))
        if (this.failure !== undefined) throw this.failure
        yield result.value as State<ValueMap>
      }
    }
  }

  /** Lets the watch bring what is stored. */
  async bring(): Promise<void> {
    const value = { ...STATE, value: this.documents } as unknown as State<ValueMap>
    const waiting = this.#bring.shift()
    if (waiting === undefined) this.#brought.push(value)
    else waiting({ done: false, value })
    await vi.advanceTimersByTimeAsync(0)
  }

  #apply(input: EventInput): void {
    this.submitted.push(input)
    const id = input.path.split('/').at(-1) ?? ''
    const { [id]: before, ...others } = this.documents
    if (input.op === 'put') this.documents = { ...others, [id]: input.value as ValueMap }
    else if (input.op === 'patch') this.documents = { ...others, [id]: { ...before, ...input.value } }
    else if (input.op === 'remove') this.documents = others
  }
}

const task = (title: string, status: string, order: string): { readonly [field: string]: Value } => ({
  title,
  status,
  order,
  notes: '',
  assignee: '',
  due: null,
  createdAt: 1,
})
const FULL = new SpiceTimeError('STORAGE_FULL', 'There is no room left on this device.')

let runtime: FakeRuntime
let store: BoardStore
let notices: Notices
let actions: BoardActions

beforeEach(async () => {
  vi.useFakeTimers()
  runtime = new FakeRuntime()
  const client = runtime as unknown as RuntimeClient
  store = new BoardStore(client, 'me')
  notices = new Notices()
  actions = new BoardActions({ runtime: client, store, notices })
  runtime.documents = { a: task('A', 'todo', 'a0'), b: task('B', 'todo', 'a1'), c: task('C', 'done', 'a0') }
  store.start()
  await runtime.bring()
})
afterEach(() => {
  store.stop()
  vi.useRealTimers()
})

const titles = (status: 'todo' | 'doing' | 'done'): string[] => store.snapshot.arrangement.columns[status].map((each) => each.title)
const told = (): string[] =>
  notices.snapshot.notices.map(({ kind, text, code }) => `${kind}: ${text}${code === undefined ? '' : ` [${code}]`}`)

describe('moving', () => {
  test('is one patch of status and order, shown before it is stored', async () => {
    const moving = actions.move('a', { status: 'done', index: 1 })
    expect(titles('done')).toEqual(['C', 'A'])
    await moving
    expect(runtime.submitted).toEqual([{ path: 'me/tasks/a', op: 'patch', value: { status: 'done', order: expect.any(String) } }])
    await runtime.bring()
    expect(titles('done')).toEqual(['C', 'A'])
    expect(notices.snapshot.spoken.text).toBe('A moved to Done, position 2 of 2')
  })

  test('that fails goes back, and says why', async () => {
    runtime.failure = FULL
    await actions.move('a', { status: 'done', index: 0 })
    expect(titles('todo')).toEqual(['A', 'B'])
    expect(told()).toEqual(['failure: The task was not moved. There is no room left on this device. [STORAGE_FULL]'])
  })

  test('shows what is stored in the end when someone else changed the same at once', async () => {
    let answer = (): void => undefined
    runtime.answering = new Promise((resolve) => {
      answer = resolve
    })
    const moving = actions.move('a', { status: 'done', index: 1 })
    runtime.documents = { ...runtime.documents, a: task('A', 'doing', 'a0') }
    await runtime.bring()
    expect(titles('done')).toEqual(['C', 'A'])
    answer()
    await moving
    await vi.advanceTimersByTimeAsync(2_000)
    expect([titles('doing'), titles('done')]).toEqual([['A'], ['C']])
  })
})

describe('creating, editing, removing', () => {
  test('a new task stands on top of its column', async () => {
    await actions.create(' New \n one ', 'todo')
    await runtime.bring()
    expect(titles('todo')).toEqual(['New one', 'A', 'B'])
  })

  test('one that can’t be stored is told of and gives no id', async () => {
    runtime.failure = FULL
    expect(await actions.create('New', 'todo')).toBeUndefined()
    expect(told()).toEqual(['failure: The task was not added. There is no room left on this device. [STORAGE_FULL]'])
  })

  test('an edit patches only what changed', async () => {
    await actions.edit('a', { title: 'A', notes: 'why' })
    await actions.edit('b', { title: 'B' })
    expect(runtime.submitted).toEqual([{ path: 'me/tasks/a', op: 'patch', value: { notes: 'why' } }])
  })

  test('a deletion offers to take it back', async () => {
    await actions.remove('c')
    await runtime.bring()
    expect(titles('done')).toEqual([])
    expect(notices.snapshot.notices).toMatchObject([{ text: 'Deleted “C”', action: { label: 'Undo' } }])
  })
})

test('nothing to undo is no failure; another error is', async () => {
  await actions.undo()
  runtime.failure = FULL
  await actions.undo()
  expect(told()).toEqual([
    'info: Nothing left to undo on this board',
    'failure: That could not be undone. There is no room left on this device. [STORAGE_FULL]',
  ])
})

test('a watch that fails is shown, and can be started again', async () => {
  runtime.failure = FULL
  await runtime.bring()
  expect(store.snapshot).toMatchObject({ phase: 'failed', failure: FULL })
  expect(titles('todo')).toEqual(['A', 'B'])
  runtime.failure = undefined
  store.start()
  await runtime.bring()
  expect(store.snapshot).toMatchObject({ phase: 'ready', failure: undefined })
})
