import type { Level, RuntimeClient, ValueMap } from 'spicetime'
import { arrange, EMPTY_ARRANGEMENT } from '../model/columns.js'
import type { Arrangement } from '../model/columns.js'
import type { Task, TaskFields } from '../model/task.js'

export interface BoardSnapshot {
  readonly phase: 'loading' | 'ready' | 'failed'
  readonly arrangement: Arrangement
  /** The lowest level among the tasks. */
  readonly level: Level
  /** Why the watch ended, in phase `failed`. */
  readonly failure: unknown
}

type Fields = Partial<TaskFields & { readonly order: string }>

/** What this tab has submitted and not seen come back yet. */
interface Overlaid {
  fields: Fields
  /** Submits that are not answered. */
  inFlight: number
  stored: Task
  shown: Task
}

const EMPTY: BoardSnapshot = { phase: 'loading', arrangement: EMPTY_ARRANGEMENT, level: 'local', failure: undefined }

/** Milliseconds within which the watch has surely brought what is durable. */
const SETTLED_AFTER = 1_000

/** The tasks of one space, kept up to date by one watch. */
export class BoardStore {
  readonly collection: string
  readonly #runtime: RuntimeClient
  readonly #listeners = new Set<() => void>()
  readonly #overlay = new Map<string, Overlaid>()
  #snapshot: BoardSnapshot = EMPTY
  #entities: ValueMap | undefined
  #watch: AbortController | undefined

  constructor(runtime: RuntimeClient, space: string) {
    this.#runtime = runtime
    this.collection = `${space}/tasks`
  }

  get snapshot(): BoardSnapshot {
    return this.#snapshot
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Watches until `stop`, or until the watch fails, which the snapshot then shows; `start` again tries again. */
  start(): void {
    this.stop()
    const watch = new AbortController()
    this.#watch = watch
    this.#change({ ...this.#snapshot, phase: 'loading', failure: undefined })
    void this.#follow(watch.signal)
  }

  stop(): void {
    this.#watch?.abort()
    this.#watch = undefined
  }

  /** Shows a change at once, until its submit is settled and the watch has brought it, or `uncover` takes it back. */
  cover(id: string, fields: Fields): void {
    const before = this.#overlay.get(id)
    const stored = before?.stored ?? this.#snapshot.arrangement.tasks.get(id)
    if (stored === undefined) return
    const merged = { ...before?.fields, ...fields }
    this.#overlay.set(id, { fields: merged, inFlight: (before?.inFlight ?? 0) + 1, stored, shown: { ...stored, ...merged } })
    this.#arrange()
  }

  /** A submit that `cover` showed ahead is durable. */
  settle(id: string): void {
    const overlaid = this.#overlay.get(id)
    if (overlaid === undefined) return
    overlaid.inFlight -= 1
    this.#arrange()
    if (overlaid.inFlight > 0) return
    // Someone else may have changed the same field at the same moment: then what the watch brought never looks like what was submitted.
    setTimeout(() => {
      if (this.#overlay.get(id) === overlaid) this.uncover(id)
    }, SETTLED_AFTER)
  }

  /** A submit that `cover` showed ahead failed. */
  uncover(id: string): void {
    if (this.#overlay.delete(id)) this.#arrange()
  }

  async #follow(signal: AbortSignal): Promise<void> {
    try {
      for await (const state of this.#runtime.watchState<ValueMap>(this.collection, { signal })) {
        this.#entities = state.value
        this.#arrange({ phase: 'ready', level: state.level })
      }
    } catch (error) {
      if (!signal.aborted) this.#change({ ...this.#snapshot, phase: 'failed', failure: error })
    }
  }

  #arrange(change: Partial<BoardSnapshot> = {}): void {
    const arrangement = arrange(this.#snapshot.arrangement, this.#entities, (task) => this.#shown(task))
    if (this.#overlay.size > 0) {
      for (const id of this.#overlay.keys()) if (!arrangement.tasks.has(id)) this.#overlay.delete(id)
    }
    this.#change({ ...this.#snapshot, ...change, arrangement })
  }

  #shown(task: Task): Task {
    const overlaid = this.#overlay.size === 0 ? undefined : this.#overlay.get(task.id)
    if (overlaid === undefined) return task
    if (overlaid.inFlight === 0 && (overlaid.stored !== task || holds(task, overlaid.fields))) {
      this.#overlay.delete(task.id)
      return task
    }
    if (overlaid.stored !== task) {
      overlaid.stored = task
      overlaid.shown = { ...task, ...overlaid.fields }
    }
    return overlaid.shown
  }

  #change(snapshot: BoardSnapshot): void {
    this.#snapshot = snapshot
    for (const listener of this.#listeners) listener()
  }
}

function holds(task: Task, { title, notes, assignee, due, status, order }: Fields): boolean {
  const same = <T>(wanted: T | undefined, stored: T): boolean => wanted === undefined || wanted === stored
  const { title: t, notes: n, assignee: a, due: d, status: s, order: o } = task
  return same(title, t) && same(notes, n) && same(assignee, a) && same(due, d) && same(status, s) && same(order, o)
}
