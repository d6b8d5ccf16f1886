import { isSpiceTimeError } from '../errors/spice-time-error.js'
import type { OpenedStore } from '../storage/opened-store.js'
import type { KeyRange, Store, StoreEntry } from '../storage/store.js'

/** One empty database for one test, and what the suite has to do to it from outside. */
export interface StoreHarness {
  /** Opens the database with what was stored before. The suite closes what it opens. */
  open(): Promise<OpenedStore>
  /** The next commit fails, after the event loop has turned at least once, as on a full disk. */
  failNextCommit(): void
  /** Commits that were begun so far. */
  commits(): number
  /** Removes the database. */
  dispose(): Promise<void>
}

/** One store of one test, through its reopenings. */
export class StoreUnderTest {
  readonly #setup: () => Promise<StoreHarness>
  #harness: StoreHarness | undefined
  #opened: OpenedStore | undefined

  constructor(setup: () => Promise<StoreHarness>) {
    this.#setup = setup
  }

  async begin(): Promise<void> {
    this.#harness = await this.#setup()
    this.#opened = await this.#harness.open()
  }

  async end(): Promise<void> {
    await this.#opened?.store.close()
    await this.#harness?.dispose()
    this.#opened = undefined
  }

  async reopen(): Promise<Store> {
    await this.store.close()
    this.#opened = await this.harness.open()
    return this.store
  }

  get harness(): StoreHarness {
    if (this.#harness === undefined) throw new Error('no harness: setup failed')
    return this.#harness
  }

  get opened(): OpenedStore {
    if (this.#opened === undefined) throw new Error('no store: open failed')
    return this.#opened
  }

  get store(): Store {
    return this.opened.store
  }
}

export async function entriesOf(store: Store, range: KeyRange): Promise<StoreEntry[]> {
  const entries: StoreEntry[] = []
  for await (const page of store.range(range)) entries.push(...page)
  return entries
}

export async function keysOf(store: Store, range: KeyRange): Promise<string[]> {
  return (await entriesOf(store, range)).map(([key]) => key)
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'no error'
  } catch (error) {
    return isSpiceTimeError(error) ? error.code : String(error)
  }
}

export async function settled(promise: Promise<unknown>): Promise<string> {
  return Promise.race([promise.then(() => 'fulfilled'), microtasks().then(() => 'pending')])
}

/** Long enough for a write to become a commit in flight, too short for that commit to end. */
export async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}
