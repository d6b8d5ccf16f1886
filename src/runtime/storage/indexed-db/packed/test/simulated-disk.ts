import type { CommitRow, DamagedRow, PackedDisk, PageRange, PageRow, PagesChange } from '../packed-disk.js'

/** The rows of a database, which outlive the disks that were opened on them. */
export interface SimulatedRows {
  readonly commits: Map<number, Uint8Array>
  readonly pages: Map<string, Uint8Array>
  readonly damaged: Map<string, DamagedRow>
}

/** For tests: a PackedDisk in memory that can be killed before or after any of its writes, and whose bytes can be spoiled. */
export class SimulatedDisk implements PackedDisk {
  readonly rows: SimulatedRows
  /** Every write so far, by name: what a kill can fall between. */
  readonly writes: string[] = []
  pagesRead = 0
  #killAt: { readonly write: number; readonly done: boolean } | undefined
  #killed = false
  #answers = 0
  #tellKilled: () => void = () => undefined
  /** Resolves when the kill has happened. */
  readonly whenKilled: Promise<'killed'> = new Promise((resolve) => {
    this.#tellKilled = () => resolve('killed')
  })
  #failure: { readonly method: string; readonly error: unknown } | undefined

  constructor(rows: SimulatedRows = { commits: new Map(), pages: new Map(), damaged: new Map() }) {
    this.rows = rows
  }

  /** The write with that number is the last one: `done` says whether it still reaches the disk. Nothing is answered from then on. */
  killAt(write: number, done: boolean): void {
    this.#killAt = { write, done }
  }

  /** The next call of that write fails and changes nothing. */
  failNext(method: 'appendCommits' | 'deleteCommits' | 'writePages', error: unknown): void {
    this.#failure = { method, error }
  }

  readCommits(sequence: number, count: number): Promise<readonly CommitRow[]> {
    const sequences = [...this.rows.commits.keys()].filter((key) => key > sequence).sort((a, b) => a - b)
    return this.#answer(() => sequences.slice(0, count).map((key) => ({ sequence: key, bytes: copy(this.rows.commits.get(key)) })))
  }

  appendCommits(rows: readonly CommitRow[]): Promise<void> {
    return this.#change('appendCommits', () => {
      if (rows.some((row) => this.rows.commits.has(row.sequence))) throw new Error('the sequence number is taken')
      for (const row of rows) this.rows.commits.set(row.sequence, copy(row.bytes))
    })
  }

  deleteCommits(sequence: number): Promise<void> {
    return this.#change('deleteCommits', () => {
      for (const key of this.rows.commits.keys()) if (key <= sequence) this.rows.commits.delete(key)
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
      for (const key of change.remove) this.rows.pages.delete(key)
      for (const { key, bytes } of change.put) this.rows.pages.set(key, copy(bytes))
      for (const row of change.damaged) this.rows.damaged.set(row.place, row)
    })
  }

  readDamaged(): Promise<readonly DamagedRow[]> {
    return this.#answer(() => [...this.rows.damaged.values()])
  }

  close(): Promise<void> {
    return Promise.resolve()
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
    // As a database would: the answer is of the moment of the call, and comes later.
    const answer = read()
    for (let turns = this.#answers++ % 3; turns >= 0; turns--) await turn()
    return answer
  }

  async #change(method: string, apply: () => void): Promise<void> {
    if (this.#killed) return new Promise(() => undefined)
    const number = this.writes.push(method) - 1
    if (this.#failure?.method === method) {
      const { error } = this.#failure
      this.#failure = undefined
      await turn()
      throw error
    }
    if (this.#killAt?.write !== number) {
      apply()
      return turn()
    }
    if (this.#killAt.done) apply()
    this.#killed = true
    this.#tellKilled()
    return new Promise(() => undefined)
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}

function copy(bytes: Uint8Array | undefined): Uint8Array {
  return new Uint8Array(bytes ?? [])
}
