import { fenceRow, isFence, overtakenError } from '../fence.js'
import type { CommitRow, DamagedRow, Deletion, LogStart, PackedDisk, PageRange, PageRow, PagesChange } from '../packed-disk.js'

/** Any key that sorts before all others. */
const LOWEST_KEY = ' '

/** The rows of a database, which outlive the disks that were opened on them. */
export interface SimulatedRows {
  readonly commits: Map<number, Uint8Array>
  readonly pages: Map<string, Uint8Array>
  readonly damaged: Map<string, DamagedRow>
  /** Who owns the database, and up to where the log is in pages. */
  owner: { readonly epoch: number; readonly covered: number }
}

export function noRows(): SimulatedRows {
  return { commits: new Map(), pages: new Map(), damaged: new Map(), owner: { epoch: 0, covered: 0 } }
}

/** The sequence numbers of commits, without fences. */
export function commitsIn({ commits }: SimulatedRows): number[] {
  return [...commits].flatMap(([sequence, bytes]) => (isFence(bytes) ? [] : [sequence]))
}

/** For tests: a PackedDisk in memory that can be killed or frozen before or after any of its writes, and whose bytes can be spoiled. */
export class SimulatedDisk implements PackedDisk {
  readonly rows: SimulatedRows
  /** Every write so far, by name: what a kill can fall between. */
  readonly writes: string[] = []
  pagesRead = 0
  /** Called when another disk owns the rows. */
  onOvertaken: () => void = () => undefined
  #killAt: { readonly write: number; readonly done: boolean } | undefined
  #killed = false
  #answers = 0
  #epoch = 0
  #freezeAt: { readonly write: number; readonly done: boolean } | undefined
  #frozen: Promise<void> | undefined
  #thaw: () => void = () => undefined
  #tellFrozen: () => void = () => undefined
  readonly whenFrozen: Promise<'frozen'> = new Promise((resolve) => {
    this.#tellFrozen = () => resolve('frozen')
  })
  #tellKilled: () => void = () => undefined
  /** Resolves when the kill has happened. */
  readonly whenKilled: Promise<'killed'> = new Promise((resolve) => {
    this.#tellKilled = () => resolve('killed')
  })
  #failure: { readonly method: string; readonly error: unknown } | undefined

  constructor(rows: SimulatedRows = noRows()) {
    this.rows = rows
  }

  /** The write with that number is the last one: `done` says whether it still reaches the disk. Nothing is answered from then on. */
  killAt(write: number, done: boolean): void {
    this.#killAt = { write, done }
  }

  /** From the write with that number on everything waits, that write after it has reached the disk or before, until `thaw`. */
  freezeAt(write: number, done: boolean): void {
    this.#freezeAt = { write, done }
  }

  thaw(): void {
    this.#freezeAt = undefined
    this.#frozen = undefined
    this.#thaw()
  }

  /** The next call of that write fails and changes nothing. */
  failNext(method: 'appendCommits' | 'deleteCommits' | 'writePages', error: unknown): void {
    this.#failure = { method, error }
  }

  takeOver(count: number): Promise<LogStart> {
    return this.#change('takeOver', () => {
      const { covered, epoch } = this.rows.owner
      const rows = [...this.rows.commits].sort(([a], [b]) => a - b)
      const fence = Math.max(covered, rows.at(-1)?.[0] ?? 0) + 1
      this.rows.commits.set(fence, fenceRow())
      this.#epoch = epoch + 1
      this.rows.owner = { epoch: this.#epoch, covered }
      const lowest = this.#covering(LOWEST_KEY)
      this.pagesRead++
      const damaged = [...this.rows.damaged.values()]
      return { fence, covered, lowest, damaged, rows: rows.slice(0, count).map(([sequence, bytes]) => ({ sequence, bytes: copy(bytes) })) }
    })
  }

  readCommits(sequence: number, count: number): Promise<readonly CommitRow[]> {
    const sequences = [...this.rows.commits.keys()].filter((key) => key > sequence).sort((a, b) => a - b)
    return this.#answer(() => sequences.slice(0, count).map((key) => ({ sequence: key, bytes: copy(this.rows.commits.get(key)) })))
  }

  appendCommits(rows: readonly CommitRow[]): Promise<void> {
    return this.#change('appendCommits', () => {
      if (rows.some((row) => this.rows.commits.has(row.sequence))) throw this.#overtaken()
      for (const row of rows) this.rows.commits.set(row.sequence, copy(row.bytes))
    })
  }

  deleteCommits({ after, upTo, keep }: Deletion): Promise<void> {
    return this.#change('deleteCommits', () => {
      this.#checkOwner()
      for (const key of this.rows.commits.keys()) if (key > after && key <= upTo && !keep.includes(key)) this.rows.commits.delete(key)
      this.rows.owner = { epoch: this.#epoch, covered: upTo }
    })
  }

  readCovering(keys: readonly string[], count: number): Promise<readonly PageRow[]> {
    return this.#answer(() => {
      const found = new Map<string, PageRow>()
      for (const key of keys) {
        const row = this.#covering(key)
        if (found.size >= count && !found.has(row.key)) break
        found.set(row.key, row)
      }
      return this.#count([...found.values()])
    })
  }

  readForward(range: PageRange, count: number): Promise<readonly PageRow[]> {
    return this.#answer(() => {
      const rows = [this.#covering(range.from)]
      for (let row = rows[0]; rows.length < count && row?.upper !== undefined && row.upper < range.to;) {
        row = this.#covering(row.upper)
        rows.push(row)
      }
      return this.#count(rows)
    })
  }

  readBackward(range: PageRange, count: number): Promise<readonly PageRow[]> {
    return this.#answer(() => {
      const below = this.#keys().filter((key) => key < range.to)
      const rows = [this.#covering(below.at(-1) ?? '')]
      while (rows.length < count && (rows.at(-1)?.key ?? '') > range.from) rows.push(this.#covering(below.at(-1 - rows.length) ?? ''))
      return this.#count(rows)
    })
  }

  writePages(change: PagesChange): Promise<void> {
    return this.#change('writePages', () => {
      this.#checkOwner()
      for (const key of change.remove) this.rows.pages.delete(key)
      for (const { key, bytes } of change.put) this.rows.pages.set(key, copy(bytes))
      for (const row of change.damaged) this.rows.damaged.set(row.place, row)
    })
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #checkOwner(): void {
    if (this.rows.owner.epoch !== this.#epoch) throw this.#overtaken()
  }

  #overtaken(): Error {
    this.onOvertaken()
    return overtakenError()
  }

  #keys(): string[] {
    return [...this.rows.pages.keys()].sort()
  }

  #covering(key: string): PageRow {
    const keys = this.#keys()
    const own = keys.findLast((page) => page <= key)
    const upper = keys.find((page) => page > (own ?? ''))
    return {
      key: own ?? '',
      upper: own === undefined ? keys[0] : upper,
      bytes: own === undefined ? undefined : copy(this.rows.pages.get(own)),
    }
  }

  #count(rows: readonly PageRow[]): readonly PageRow[] {
    this.pagesRead += rows.length
    return rows
  }

  async #answer<T>(read: () => T): Promise<T> {
    if (this.#killed) return new Promise(() => undefined)
    if (this.#frozen !== undefined) await this.#frozen
    // As a database would: the answer is of the moment of the call, and comes later.
    const answer = read()
    for (let turns = this.#answers++ % 3; turns >= 0; turns--) await turn()
    return answer
  }

  async #change<T>(method: string, apply: () => T): Promise<T> {
    if (this.#killed) return new Promise(() => undefined)
    if (this.#frozen !== undefined) await this.#frozen
    const number = this.writes.push(method) - 1
    if (this.#failure?.method === method) {
      const { error } = this.#failure
      this.#failure = undefined
      await turn()
      throw error
    }
    if (this.#freezeAt?.write === number) return this.#freeze(apply, this.#freezeAt.done)
    if (this.#killAt?.write !== number) {
      const answer = apply()
      await turn()
      return answer
    }
    if (this.#killAt.done) apply()
    this.#killed = true
    this.#tellKilled()
    return new Promise(() => undefined)
  }

  async #freeze<T>(apply: () => T, done: boolean): Promise<T> {
    this.#frozen = new Promise((resolve) => {
      this.#thaw = resolve
    })
    this.#tellFrozen()
    if (!done) {
      await this.#frozen
      return apply()
    }
    const answer = apply()
    await this.#frozen
    return answer
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}

function copy(bytes: Uint8Array | undefined): Uint8Array {
  return new Uint8Array(bytes ?? [])
}
