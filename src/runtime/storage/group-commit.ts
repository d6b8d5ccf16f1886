import { SpiceTimeError, asSpiceTimeError } from '../errors/spice-time-error.js'
import { lookUp, mergeLayers } from './merge-layers.js'
import type { Layer } from './merge-layers.js'
import { SortedMap } from './sorted-map.js'
import { MAX_KEY_LENGTH } from './store.js'
import type { DamagedRecord, KeyRange, Store, StoreChange, StoreEntry } from './store.js'

/**
 * What a database has to offer to become a Store. Reads see all commits that have resolved; a read that is called
 * during a commit may see it or not. At most one commit is in flight.
 */
export interface StoreBackend {
  get(key: string): Promise<Uint8Array | undefined>
  getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]>
  /**
   * The foremost entries of the range, all of those outside `rest`. `pages` says how much is wanted, in pages of the
   * backend's own size; `range.limit` is a hint.
   */
  read(range: KeyRange, pages: number): Promise<BackendPage>
  /** All or none, durable when it resolves. */
  commit(changes: Layer): Promise<void>
  damaged(): readonly DamagedRecord[]
  close(): Promise<void>
}

export interface BackendPage {
  readonly entries: readonly StoreEntry[]
  /** What of the range is still to be read; undefined at its end. */
  readonly rest: KeyRange | undefined
}

interface Batch {
  readonly changes: Layer
  readonly durable: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  bytes: number
}

/** A batch takes no further writes beyond this. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024
/** Most pages that one read of a range fetches. */
const MAX_PAGES_PER_READ = 8
const KEY = /^[\x20-\x7e]+$/

/** Makes a Store of a backend: group commit, and reads that see writes before they are durable. */
export class GroupCommitStore implements Store {
  readonly #backend: StoreBackend
  /** Oldest first; `#flying` is not among them. */
  readonly #queue: Batch[] = []
  #flying: Batch | undefined
  #scheduled = false
  #closing: Promise<void> | undefined

  constructor(backend: StoreBackend) {
    this.#backend = backend
  }

  get(key: string): Promise<Uint8Array | undefined> {
    if (this.#closing !== undefined) return Promise.reject(closedError())
    const known = lookUp(this.#layers(), key)
    return known === undefined ? this.#backend.get(key) : Promise.resolve(known.value)
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    if (this.#closing !== undefined) throw closedError()
    const layers = this.#layers()
    if (layers.length === 0) return this.#backend.getMany(keys)
    const known = keys.map((key) => lookUp(layers, key))
    const unknown = keys.filter((_, index) => known[index] === undefined)
    const stored = unknown.length === 0 ? [] : await this.#backend.getMany(unknown)
    let next = 0
    return known.map((found) => (found === undefined ? stored[next++] : found.value))
  }

  async *range(range: KeyRange): AsyncIterableIterator<readonly StoreEntry[]> {
    let left = range.limit ?? Infinity
    let pages = 1
    let reading = left > 0 && range.from < range.to ? this.#read(range, pages) : undefined
    while (reading !== undefined) {
      const { entries, rest } = await reading
      left -= entries.length
      pages = Math.min(pages * 2, MAX_PAGES_PER_READ)
      const ended = rest === undefined || left <= 0 || rest.from >= rest.to
      reading = ended ? undefined : this.#read(withLimit(rest, left), pages)
      // Read ahead while the caller works; a failure is thrown when its turn comes, not before.
      reading?.catch(() => undefined)
      if (entries.length > 0) yield entries
    }
  }

  write(changes: readonly StoreChange[]): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(closedError())
    const bad = changes.find(([key]) => key.length > MAX_KEY_LENGTH || !KEY.test(key))
    if (bad !== undefined) return Promise.reject(keyError(bad[0]))
    if (changes.length === 0) return (this.#queue.at(-1) ?? this.#flying)?.durable ?? Promise.resolve()
    const batch = this.#openBatch()
    for (const [key, value] of changes) {
      batch.changes.set(key, value)
      batch.bytes += key.length + (value?.byteLength ?? 0)
    }
    return batch.durable
  }

  damaged(): readonly DamagedRecord[] {
    return this.#backend.damaged()
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  async #read(range: KeyRange, pages: number): Promise<BackendPage> {
    if (this.#closing !== undefined) throw closedError()
    // Taken before the backend reads: what leaves the layers meanwhile has become visible in the backend before.
    const layers = this.#layers()
    const page = await this.#backend.read(range, pages)
    return { entries: mergeLayers(layers, page.entries, coveredRange(range, page.rest)), rest: page.rest }
  }

  /** What is written and not durable yet, newest first. */
  #layers(): readonly Layer[] {
    if (this.#flying === undefined && this.#queue.length === 0) return NO_LAYERS
    const layers = this.#queue.map((batch) => batch.changes).reverse()
    if (this.#flying !== undefined) layers.push(this.#flying.changes)
    return layers
  }

  #openBatch(): Batch {
    const last = this.#queue.at(-1)
    if (last !== undefined && last.bytes < MAX_BATCH_BYTES) return last
    const batch = newBatch()
    this.#queue.push(batch)
    this.#schedule()
    return batch
  }

  /** Waits for the microtasks at hand, so that writers who go on at the same moment share the commit; costs no turn of the event loop. */
  #schedule(): void {
    if (this.#scheduled || this.#flying !== undefined) return
    this.#scheduled = true
    queueMicrotask(() => queueMicrotask(() => this.#start()))
  }

  #start(): void {
    this.#scheduled = false
    const batch = this.#queue.shift()
    if (batch === undefined) return
    this.#flying = batch
    this.#backend.commit(batch.changes).then(
      () => this.#land(batch),
      (error: unknown) => this.#fail(batch, error),
    )
  }

  #land(batch: Batch): void {
    this.#flying = undefined
    batch.resolve()
    if (this.#queue.length > 0) this.#schedule()
  }

  /** Later writes may build on the failed one, so they fail with it. */
  #fail(batch: Batch, error: unknown): void {
    this.#flying = undefined
    const failure = asSpiceTimeError(error, 'STORAGE_FAILED')
    batch.reject(failure)
    for (const later of this.#queue.splice(0)) {
      later.reject(
        new SpiceTimeError(failure.code, `Not stored, because a write before it failed: ${failure.message}`, failure.context, failure),
      )
    }
  }

  async #finish(): Promise<void> {
    while (this.#flying !== undefined || this.#queue.length > 0) {
      // Its writers hear of a failure; here only its end counts.
      await (this.#queue.at(-1) ?? this.#flying)?.durable.catch(() => undefined)
    }
    await this.#backend.close()
  }
}

const NO_LAYERS: readonly Layer[] = []

function newBatch(): Batch {
  const { promise, resolve, reject } = withResolvers()
  return { changes: new SortedMap(), durable: promise, resolve, reject, bytes: 0 }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } {
  let resolve: () => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

/** The part of the range that a page answers for. */
function coveredRange(range: KeyRange, rest: KeyRange | undefined): KeyRange {
  if (rest === undefined) return range
  return range.reverse === true ? { ...range, from: rest.to } : { ...range, to: rest.from }
}

function withLimit(range: KeyRange, left: number): KeyRange {
  return left === Infinity ? range : { ...range, limit: left }
}

/** The error of every call on a store that was closed. */
export function closedError(): SpiceTimeError {
  return new SpiceTimeError('STORAGE_CLOSED', 'The store is closed; open it again to read or write.')
}

function keyError(key: string): SpiceTimeError {
  const shown = key.length > 80 ? `${key.slice(0, 77)}…` : key
  return new SpiceTimeError(
    'INPUT_MALFORMED',
    `The key '${shown}' can't be stored: use 1 to ${MAX_KEY_LENGTH} printable ASCII characters.`,
    {
      key: shown,
    },
  )
}
