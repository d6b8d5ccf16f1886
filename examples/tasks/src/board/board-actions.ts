import { isSpiceTimeError } from 'spicetime'
import type { EventInput, RuntimeClient } from 'spicetime'
import { placeAt } from '../model/order.js'
import { cleanTitle, STATUS_LABELS, taskValue } from '../model/task.js'
import type { Status, Task, TaskFields } from '../model/task.js'
import type { Position } from '../model/focus.js'
import type { BoardStore } from './board-store.js'
import type { Notices } from './notices.js'

interface Parts {
  readonly runtime: RuntimeClient
  readonly store: BoardStore
  readonly notices: Notices
}

interface Submission {
  readonly inputs: readonly EventInput[]
  /** What did not work, should it fail. */
  readonly failed: string
  /** Tasks that show the change already. */
  readonly covered?: readonly string[]
  /** Does it again, so that nothing a person wrote is lost to a failure. */
  readonly retry?: () => void
}

/** Everything a person can do to the tasks of a board. Failures are shown, never thrown. */
export class BoardActions {
  readonly #runtime: RuntimeClient
  readonly #store: BoardStore
  readonly #notices: Notices
  #undoing: Promise<void> = Promise.resolve()

  constructor({ runtime, store, notices }: Parts) {
    this.#runtime = runtime
    this.#store = store
    this.#notices = notices
  }

  /** Adds a task at the top of a column; gives its id, or undefined when it could not be saved. */
  async create(title: string, status: Status): Promise<string | undefined> {
    const id = crypto.randomUUID()
    const [own, ...tied] = placeAt(this.#store.snapshot.arrangement.columns[status], 0, id)
    const task = { title: cleanTitle(title), notes: '', assignee: '', due: null, status, order: own?.order ?? '' }
    const value = taskValue({ ...task, createdAt: Date.now(), externalId: undefined })
    const inputs: EventInput[] = [{ path: this.#path(id), op: 'put', value }]
    for (const { id: other, order } of tied) inputs.push({ path: this.#path(other), op: 'patch', value: { order } })
    const saved = await this.#submit({ inputs, failed: 'The task was not added.' })
    if (saved) this.#notices.say(`Added ${task.title} to ${STATUS_LABELS[status]}`)
    return saved ? id : undefined
  }

  async edit(id: string, fields: Partial<TaskFields>): Promise<void> {
    const task = this.#task(id)
    if (task === undefined) {
      this.#notices.info('The task is no longer on this board, so the last change to it was not saved.')
      return
    }
    const changed = Object.entries(fields).filter(([field, value]) => task[field as keyof TaskFields] !== value)
    if (changed.length === 0) return
    const value = Object.fromEntries(changed)
    if (fields.status !== undefined && fields.status !== task.status) {
      const [own] = placeAt(this.#store.snapshot.arrangement.columns[fields.status], 0, id)
      value['order'] = own?.order ?? ''
    }
    this.#store.cover(id, value)
    const inputs: EventInput[] = [{ path: this.#path(id), op: 'patch', value }]
    await this.#submit({ inputs, failed: 'The change was not saved.', covered: [id], retry: () => void this.edit(id, fields) })
  }

  /** Puts a task at a place; `index` counts the column without it. */
  async move(id: string, { status, index }: Position): Promise<void> {
    const task = this.#task(id)
    if (task === undefined) return
    const column = this.#store.snapshot.arrangement.columns[status].filter((other) => other.id !== id)
    const placements = placeAt(column, index, id)
    const inputs: EventInput[] = placements.map(({ id: each, order }) => {
      const value = each === id && task.status !== status ? { status, order } : { order }
      this.#store.cover(each, value)
      return { path: this.#path(each), op: 'patch', value }
    })
    const covered = placements.map((placement) => placement.id)
    const retry = (): void => void this.move(id, { status, index })
    const moved = await this.#submit({ inputs, failed: 'The task was not moved.', covered, retry })
    if (moved) this.#notices.say(`${task.title} moved to ${STATUS_LABELS[status]}, position ${index + 1} of ${column.length + 1}`)
  }

  async remove(id: string): Promise<void> {
    const task = this.#task(id)
    if (task === undefined) return
    const path = this.#path(id)
    const retry = (): void => void this.remove(id)
    if (!(await this.#submit({ inputs: [{ path, op: 'remove' }], failed: 'The task was not deleted.', retry }))) return
    this.#notices.say(`Deleted ${task.title}`)
    this.#notices.info(`Deleted “${shorten(task.title)}”`, { label: 'Undo', run: () => void this.undo(path) })
  }

  /** Takes back this device's last change on the board, or at one task. One after the other, however fast the key is pressed. */
  undo(under: string = this.#store.collection): Promise<void> {
    this.#undoing = this.#undoing.then(async () => {
      try {
        await this.#runtime.undo({ under })
        this.#notices.info('Last change undone')
        this.#notices.say('Last change undone')
      } catch (error) {
        if (isSpiceTimeError(error, 'NOTHING_TO_UNDO')) this.#notices.info('Nothing left to undo on this board')
        else this.#notices.failure('That could not be undone.', error)
      }
    })
    return this.#undoing
  }

  /** One durable transaction; what was shown ahead of it is taken back when it fails. */
  async #submit({ inputs, failed, covered = [], retry }: Submission): Promise<boolean> {
    const [only] = inputs
    try {
      if (inputs.length === 1 && only !== undefined) await this.#runtime.submitEvent(only)
      else await this.#runtime.submitEvents(inputs)
      for (const id of covered) this.#store.settle(id)
      return true
    } catch (error) {
      for (const id of covered) this.#store.uncover(id)
      this.#notices.failure(failed, error, retry === undefined ? undefined : { label: 'Try again', run: retry })
      return false
    }
  }

  #task(id: string): Task | undefined {
    return this.#store.snapshot.arrangement.tasks.get(id)
  }

  #path(id: string): string {
    return `${this.#store.collection}/${id}`
  }
}

function shorten(title: string): string {
  return title.length > 60 ? `${title.slice(0, 59)}…` : title
}
