import type { StateChange } from '../model/state-change.js'
import { DOCUMENT_DEPTH } from '../model/path.js'
import type { State } from '../model/state.js'
import type { StateView } from '../state-view.js'
import type { StreamReceiver } from './transport.js'

type WatchChange = Exclude<StateChange, { kind: 'live' }>

/** Where a feed puts what it made. */
export interface StateTarget {
  offer(make: () => State): void
  fail(error: unknown): void
}

// Loaded only by pages that read above documents, so that `connect()` stays small.
const loadView = (): Promise<typeof import('../state-view.js')> => import('../state-view.js')

/** Feeds a target with the states at or below a path. */
export function stateReceiver(path: string, target: StateTarget): StreamReceiver {
  const feed = new StateFeed(path, target)
  return {
    // A stream of states brings nothing else.
    change: (change) => feed.accept(change as WatchChange),
    restarted: () => feed.restart(),
    waits: () => feed.waits,
    failed: (error) => target.fail(error),
  }
}

/** Turns the changes of one watch into states, in order. */
class StateFeed {
  readonly #path: string
  readonly #target: StateTarget
  #view: StateView | undefined
  #waiting: WatchChange[] | undefined
  #life = 0
  #offered = false

  constructor(path: string, target: StateTarget) {
    this.#path = path
    this.#target = target
    if (isAboveDocuments(path)) this.#load()
  }

  get waits(): boolean {
    return !this.#offered
  }

  accept(change: WatchChange): void {
    if (this.#waiting !== undefined) this.#waiting.push(change)
    else if (change.kind === 'state') this.#offer(() => change.state)
    else if (this.#view === undefined) this.#load(change)
    else this.#apply(this.#view, change)
  }

  /** Forgets what came so far: a new snapshot follows. */
  restart(): void {
    this.#view = undefined
    this.#waiting = undefined
    this.#offered = false
    this.#life += 1
    if (isAboveDocuments(this.#path)) this.#load()
  }

  #offer(make: () => State): void {
    this.#offered = true
    this.#target.offer(make)
  }

  #load(...first: WatchChange[]): void {
    const life = this.#life
    this.#waiting = first
    loadView()
      .then(({ StateView }) => {
        if (life !== this.#life) return
        this.#view = new StateView(this.#path)
        const waiting = this.#waiting ?? []
        this.#waiting = undefined
        for (const change of waiting) this.accept(change)
      })
      .catch((error: unknown) => this.#target.fail(error))
  }

  #apply(view: StateView, change: Exclude<WatchChange, { kind: 'state' }>): void {
    try {
      if (view.apply(change)) this.#offer(() => view.state())
    } catch (error) {
      this.#target.fail(error)
    }
  }
}

/** Whether the path is that of a space or a collection. */
export function isAboveDocuments(path: string): boolean {
  // Whoever calls without types may pass anything; the runtime says what is wrong with it.
  return String(path).split('/', DOCUMENT_DEPTH).length < DOCUMENT_DEPTH
}
