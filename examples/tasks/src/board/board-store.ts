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

/** What this tab has submitted and not seen come back yet. */
interface Overlaid {
  readonly fields: Partial<TaskFields & { readonly order: string }>
  readonly over: Task
  readonly shown: Task
}

const EMPTY: BoardSnapshot = { phase: 'loading', arrangement: EMPTY_ARRANGEMENT, level: 'local', failure: undefined }

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

  /** Shows a change at once, until the watch brings the task anew or `uncover` takes it back. */
  cover(id: string, fields: Overlaid['fields']): void {
    const over = this.#snapshot.arrangement.tasks.get(id)
    if (over === undefined) return
    const before = this.#overlay.get(id)
    const stored = before?.shown === over ? before.over : over
    const merged = { ...before?.fields, ...fields }
    this.#overlay.set(id, { fields: merged, over: stored, shown: { ...stored, ...merged } })
    this.#arrange()
  }

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
    if (overlaid.over === task) return overlaid.shown
    this.#overlay.delete(task.id)
    return task
  }

  #change(snapshot: BoardSnapshot): void {
    this.#snapshot = snapshot
    for (const listener of this.#listeners) listener()
  }
}
