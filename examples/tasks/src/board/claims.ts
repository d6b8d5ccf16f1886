import { isSpiceTimeError } from 'spicetime'
import type { RuntimeClient, ValueMap } from 'spicetime'
import { authorOf, CLAIMS, claimValue } from '../model/claim.js'
import type { Task } from '../model/task.js'
import type { Notices } from './notices.js'

export interface ClaimsSnapshot {
  /** Whether the board's founder declared that claims are ordered. */
  readonly offered: boolean
  readonly me: string
  /** Task to its holder, as far as is known here. */
  readonly holders: ReadonlyMap<string, string>
  /** Author to how the person is called. */
  readonly names: ReadonlyMap<string, string>
}

interface Parts {
  readonly runtime: RuntimeClient
  readonly space: string
  readonly notices: Notices
}

const NONE: ClaimsSnapshot = { offered: false, me: '', holders: new Map(), names: new Map() }

/** Who has which task of a board: decided by the order of the chain, the same on every device. */
export class Claims {
  readonly #parts: Parts
  readonly #listeners = new Set<() => void>()
  #snapshot = NONE
  #watch: AbortController | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get snapshot(): ClaimsSnapshot {
    return this.#snapshot
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  start(): void {
    this.stop()
    const watch = new AbortController()
    this.#watch = watch
    this.#follow(watch.signal).catch((error: unknown) => {
      if (!watch.signal.aborted) this.#parts.notices.failure('Who has claimed which task is not known.', error)
    })
  }

  stop(): void {
    this.#watch?.abort()
    this.#watch = undefined
  }

  pathOf(task: string): string {
    return `${this.#parts.space}/${CLAIMS}/${task}`
  }

  /** How somebody is called here. */
  nameOf(author: string): string {
    if (author === this.#snapshot.me) return 'you'
    return this.#snapshot.names.get(author) ?? `member ${author.slice(0, 6)}`
  }

  /** Asks for a task that nobody has. Resolves when the order decided. */
  async claim(task: Task): Promise<void> {
    const { runtime, notices } = this.#parts
    const path = this.pathOf(task.id)
    try {
      const before = await runtime.getState(path)
      const holder = authorOf(before.value)
      if (holder !== undefined) return notices.info(`“${task.title}” belongs to ${this.nameOf(holder)} already.`)
      const id = await runtime.submitEvent({ path, op: 'put', value: claimValue(this.#snapshot.me), expect: before.heads })
      await runtime.reached(id, 'confirmed')
      notices.say(`${task.title} is yours`)
    } catch (error) {
      if (!isSpiceTimeError(error, 'CONFLICT')) return notices.failure('The task could not be claimed.', error)
      const holder = authorOf((await runtime.getState(path)).value)
      // Who just joined may not be known by name yet.
      if (holder !== undefined && !this.#snapshot.names.has(holder)) await this.#learnNames()
      notices.info(`Somebody was faster: “${task.title}” belongs to ${holder === undefined ? 'nobody now' : this.nameOf(holder)}.`)
    }
  }

  /** Gives an own task back. */
  async release(task: Task): Promise<void> {
    const { runtime, notices } = this.#parts
    const path = this.pathOf(task.id)
    try {
      const { heads } = await runtime.getState(path)
      await runtime.submitEvent({ path, op: 'remove', expect: heads })
    } catch (error) {
      notices.failure('The task could not be given back.', error)
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { runtime, space } = this.#parts
    const known = (await runtime.spaces({ signal })).find(({ id }) => id === space)
    if (known?.policies[CLAIMS] !== 'consensus') return
    this.#change({ offered: true, me: known.me })
    for await (const { value } of runtime.watchState<ValueMap>(`${space}/${CLAIMS}`, { signal })) {
      const holders = new Map<string, string>()
      for (const [task, claim] of Object.entries(value ?? {})) {
        const author = authorOf(claim)
        if (author !== undefined) holders.set(task, author)
      }
      if ([...holders.values()].some((author) => !this.#snapshot.names.has(author))) await this.#learnNames(signal)
      this.#change({ holders })
    }
  }

  async #learnNames(signal?: AbortSignal): Promise<void> {
    const members = await this.#parts.runtime.members(this.#parts.space, signal === undefined ? {} : { signal })
    this.#change({ names: new Map(members.flatMap(({ author, name }) => (name === '' ? [] : [[author, name]]))) })
  }

  #change(change: Partial<ClaimsSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change }
    for (const listener of this.#listeners) listener()
  }
}
