import { describe, expect, it } from 'vitest'
import { SpiceTimeError } from '../../../errors/spice-time-error.js'
import { bytes, filled, text } from '../../../testing/sample-bytes.js'
import { codeOf, keysOf } from '../../../testing/store-under-test.js'
import { GroupCommitStore } from '../../group-commit.js'
import type { DamagedRecord, StoreChange } from '../../store.js'
import { prefixRange } from '../../store.js'
import { PackedBackend } from './packed-backend.js'
import type { PackedLimits } from './packed-backend.js'
import { commitsIn, SimulatedDisk } from './test/simulated-disk.js'

const LIMITS: PackedLimits = { pageBytes: 2000, memtableBytes: 5000, memtableRows: 1000, backlog: 2, sliceBytes: 2500, cacheBytes: 10_000 }

class Opened {
  readonly disk: SimulatedDisk
  readonly damaged: DamagedRecord[] = []
  readonly failures: SpiceTimeError[] = []
  /** Timers that the store waits for. */
  readonly timers = new Map<() => void, number>()
  ended: SpiceTimeError | undefined
  #store: GroupCommitStore | undefined

  constructor(disk: SimulatedDisk = new SimulatedDisk()) {
    this.disk = disk
  }

  async open(limits: PackedLimits = LIMITS): Promise<this> {
    const backend = await PackedBackend.open({
      disk: this.disk,
      limits,
      ended: () => this.ended,
      onDamaged: (record) => this.damaged.push(record),
      onBackgroundFailure: (error) => this.failures.push(error),
      after: (milliseconds, callback) => {
        this.timers.set(callback, milliseconds)
        return () => this.timers.delete(callback)
      },
    })
    this.#store = new GroupCommitStore(backend)
    return this
  }

  get store(): GroupCommitStore {
    if (this.#store === undefined) throw new Error('not open')
    return this.#store
  }

  count(write: string): number {
    return this.disk.writes.filter((name) => name === write).length
  }

  ring(): void {
    for (const timer of [...this.timers.keys()]) {
      this.timers.delete(timer)
      timer()
    }
  }
}

const logKey = (at: number): string => `e/${String(at).padStart(6, '0')}`
const record = (at: number): StoreChange => [logKey(at), filled(100, at)]

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 0))
}

/** Writes so many log records, ten a commit, and waits until no checkpoint is under way. */
async function fill(opened: Opened, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 10) await opened.store.write(Array.from({ length: 10 }, (_, step) => record(at + step)))
  await settle(opened)
}

async function settle(opened: Opened): Promise<void> {
  for (let quiet = 0, seen = -1; quiet < 10; quiet++) {
    if (opened.disk.writes.length !== seen) quiet = 0
    seen = opened.disk.writes.length
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
}

describe('packed store: cost', () => {
  it('writes one commit row for a write, and no page', async () => {
    const opened = await new Opened().open()
    await opened.store.write([record(1), record(2)])
    expect(opened.disk.writes).toEqual(['takeOver', 'appendCommits'])
    expect(commitsIn(opened.disk.rows).length).toBe(1)
  })

  it('opens by the commit log and the page of the lowest keys, and finds a cold key with one page', async () => {
    const first = await new Opened().open()
    await fill(first, 0, 1000)
    await first.store.close()
    const opened = await new Opened(new SimulatedDisk(first.disk.rows)).open()
    expect(opened.disk.pagesRead).toBe(1)
    expect(await opened.store.get(logKey(0))).toEqual(filled(100, 0))
    expect(opened.disk.pagesRead).toBe(1)
    expect(await opened.store.get(logKey(500))).toEqual(filled(100, 500))
    expect(opened.disk.pagesRead).toBe(2)
    expect(await opened.store.get(logKey(501))).toEqual(filled(100, 501))
    expect(await opened.store.get('e/000500x')).toBeUndefined()
    expect(opened.disk.pagesRead).toBe(2)
  })

  it('packs a large commit with turns for others in between, and writes it at once', async () => {
    const opened = await new Opened().open({ ...LIMITS, memtableBytes: 10_000_000 })
    const count = 5000
    let done = false
    const writing = opened.store.write(Array.from({ length: count }, (_, at) => record(at))).then(() => (done = true))
    let turns = 0
    while (!done) {
      if (opened.timers.size > 0 && opened.count('appendCommits') === 0) turns++
      opened.ring()
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    await writing
    expect(turns).toBe(2)
    expect(opened.count('appendCommits')).toBe(1)
    expect(await opened.store.get(logKey(count - 1))).toEqual(filled(100, count - 1))
  })

  it('keeps the commit log short', async () => {
    const opened = await new Opened().open()
    await fill(opened, 0, 2000)
    const size = [...opened.disk.rows.commits.values()].reduce((sum, row) => sum + row.byteLength, 0)
    expect(size).toBeLessThan(2 * LIMITS.memtableBytes)
  })

  it('fills the pages of a growing log, and never writes a full one again', async () => {
    const opened = await new Opened().open()
    await opened.store.write([
      ['a', bytes('before')],
      ['z/1', bytes('behind')],
    ])
    await fill(opened, 0, 500)
    const before = new Map(opened.disk.rows.pages)
    await fill(opened, 500, 1500)
    const pages = [...opened.disk.rows.pages.keys()].filter((key) => key.startsWith('e')).sort()
    const rewritten = [...before].filter(([key, row]) => key < logKey(400) && opened.disk.rows.pages.get(key) !== row)
    expect(rewritten).toEqual([])
    for (const key of pages.slice(1, -2)) expect(opened.disk.rows.pages.get(key)?.byteLength ?? 0).toBeGreaterThan(LIMITS.pageBytes * 0.8)
  })

  it('merges pages that deletions have emptied', async () => {
    const opened = await new Opened().open()
    await fill(opened, 0, 1000)
    const many = opened.disk.rows.pages.size
    const deletions = Array.from({ length: 1000 }, (_, at) => at).filter((at) => at % 50 !== 0)
    for (let at = 0; at < deletions.length; at += 20)
      await opened.store.write(deletions.slice(at, at + 20).map((key) => [logKey(key), undefined]))
    await opened.store.write(Array.from({ length: 50 }, (_, at) => [`z/${at}`, filled(100, at)]))
    await settle(opened)
    expect(opened.disk.rows.pages.size).toBeLessThan(many / 3)
    expect(await keysOf(opened.store, prefixRange('e/'))).toEqual(Array.from({ length: 20 }, (_, at) => logKey(at * 50)))
  })

  it('puts a value larger than a page into one of its own', async () => {
    const opened = await new Opened().open()
    await opened.store.write([record(1), [logKey(2), filled(50_000, 2)], record(3)])
    await fill(opened, 10, 100)
    expect(await opened.store.get(logKey(2))).toEqual(filled(50_000, 2))
    expect(opened.disk.rows.pages.get(logKey(3))).toBeDefined()
  })

  it('checkpoints what came in during a checkpoint, too, when commits have ceased', async () => {
    const opened = await new Opened().open({ ...LIMITS, memtableBytes: 100_000 })
    await opened.store.write(Array.from({ length: 1500 }, (_, at) => record(at)))
    await opened.store.write(Array.from({ length: 1500 }, (_, at) => record(at + 1500)))
    await settle(opened)
    expect(commitsIn(opened.disk.rows).length).toBeGreaterThan(0)
    opened.ring()
    await settle(opened)
    expect(commitsIn(opened.disk.rows).length).toBe(0)
  })

  it('checkpoints when commits have ceased for a while', async () => {
    const opened = await new Opened().open({ ...LIMITS, memtableBytes: 1_000_000 })
    for (let at = 0; at < 40; at++) await opened.store.write([record(at)])
    expect(opened.count('writePages')).toBe(0)
    opened.ring()
    await opened.store.write([record(40)])
    opened.ring()
    opened.ring()
    await settle(opened)
    expect(opened.count('writePages')).toBeGreaterThan(0)
    expect(commitsIn(opened.disk.rows).length).toBe(0)
  })
})

describe('packed store: reads during checkpoints', () => {
  it('never keeps a page that was replaced while it was read', async () => {
    const opened = await new Opened().open()
    const model = new Map<string, number>()
    const reads: Promise<unknown>[] = []
    for (let round = 0; round < 600; round++) {
      const at = (round * 7919) % 120
      model.set(logKey(at), round)
      const durable = opened.store.write([[logKey(at), filled(100, round)]])
      for (const key of [at + 1, at * 3, at * 5]) reads.push(opened.store.get(logKey(key % 120)))
      if (round % 3 === 0) await durable
    }
    await Promise.all(reads)
    await settle(opened)
    for (const [key, round] of model) expect(await opened.store.get(key)).toEqual(filled(100, round))
  })
})

describe('packed store: trouble', () => {
  it('goes on after a failed checkpoint, says so, and tries again', async () => {
    const opened = await new Opened().open()
    opened.disk.failNext('writePages', new SpiceTimeError('STORAGE_FULL', 'no room'))
    await fill(opened, 0, 60)
    expect(opened.failures.map((failure) => failure.code)).toEqual(['STORAGE_FULL'])
    expect(opened.disk.rows.pages.size).toBe(0)
    opened.ring()
    await settle(opened)
    expect(opened.disk.rows.pages.size).toBeGreaterThan(0)
    expect((await keysOf(opened.store, prefixRange('e/'))).length).toBe(60)
  })

  it('refuses writes, not reads, when nothing more can be put into pages, and recovers', async () => {
    const opened = await new Opened().open()
    let written = 0
    for (let code = 'no error'; code === 'no error'; written++) {
      opened.disk.failNext('writePages', new SpiceTimeError('STORAGE_FULL', 'no room'))
      code = await codeOf(opened.store.write([record(written)]))
      if (code !== 'no error') expect(code).toBe('STORAGE_FULL')
    }
    expect((await keysOf(opened.store, prefixRange('e/'))).length).toBe(written - 1)
    opened.disk.failNext('deleteCommits', new Error('once'))
    await opened.store.write([record(written)])
    expect(await opened.store.get(logKey(written))).toEqual(filled(100, written))
  })

  it('fails everything with the reason once the database is gone', async () => {
    const opened = await new Opened().open()
    await opened.store.write([record(1)])
    opened.ended = new SpiceTimeError('STORAGE_CLOSED', 'cleared by the user')
    expect(await codeOf(opened.store.get(logKey(1)))).toBe('STORAGE_CLOSED')
    expect(await codeOf(opened.store.getMany([logKey(1)]))).toBe('STORAGE_CLOSED')
    expect(await codeOf(keysOf(opened.store, prefixRange('e/')))).toBe('STORAGE_CLOSED')
    expect(await codeOf(opened.store.write([record(2)]))).toBe('STORAGE_CLOSED')
  })
})

describe('packed store: damage', () => {
  it('files a damaged value of a page, repairs the page, and tells once', async () => {
    const opened = await new Opened().open()
    await fill(opened, 0, 200)
    const [pageKey, page] = [...opened.disk.rows.pages].find(([key]) => key >= logKey(20)) ?? ['', new Uint8Array()]
    spoil(page, page.byteLength - 1)
    const keys = await keysOf(opened.store, prefixRange('e/'))
    expect(keys.length).toBe(199)
    const lost = opened.damaged[0]?.key ?? ''
    expect(keys).not.toContain(lost)
    expect(await opened.store.get(lost)).toBeUndefined()
    await until(() => opened.disk.rows.damaged.size === 1)
    expect(opened.disk.rows.pages.get(pageKey)?.byteLength).toBeLessThan(page.byteLength)
    expect(await keysOf(opened.store, prefixRange('e/'))).toEqual(keys)
    expect(opened.damaged.length).toBe(1)
    const again = await new Opened(new SimulatedDisk(opened.disk.rows)).open()
    expect(again.store.damaged().map((entry) => entry.key)).toEqual([lost])
    expect(again.damaged).toEqual([])
  })

  it('files what a checkpoint finds damaged, and merges into the rest', async () => {
    const opened = await new Opened().open()
    await fill(opened, 0, 200)
    const last = [...opened.disk.rows.pages].sort(([a], [b]) => (a < b ? -1 : 1)).at(-1) ?? ['', new Uint8Array()]
    spoil(last[1], 30)
    await fill(opened, 200, 300)
    expect(opened.damaged.length).toBe(1)
    expect((await keysOf(opened.store, prefixRange('e/'))).length).toBe(299)
    expect(opened.disk.rows.damaged.size).toBe(1)
  })

  it('survives a page of which nothing is left', async () => {
    const opened = await new Opened().open()
    await fill(opened, 0, 200)
    const pageKey = [...opened.disk.rows.pages.keys()].sort()[2] ?? ''
    opened.disk.rows.pages.set(pageKey, new Uint8Array(3))
    const kept = (await keysOf(opened.store, prefixRange('e/'))).length
    expect(kept).toBeGreaterThan(150)
    expect(opened.damaged[0]?.key).toContain(`between '${pageKey}' and `)
    await opened.store.write([[pageKey, bytes('again')]])
    expect(text(await opened.store.get(pageKey))).toBe('again')
  })

  it('opens with a damaged commit row, and keeps its other changes', async () => {
    const first = await new Opened().open()
    await first.store.write([record(1)])
    await first.store.write([record(2), record(3), record(4)])
    await first.store.write([record(5)])
    await first.store.close()
    const row = first.disk.rows.commits.get(3) ?? new Uint8Array()
    spoil(row, row.byteLength - 150)
    const opened = await new Opened(new SimulatedDisk(first.disk.rows)).open()
    expect(opened.damaged.map((entry) => entry.key)).toEqual([logKey(3)])
    expect(await keysOf(opened.store, prefixRange('e/'))).toEqual([1, 2, 4, 5].map(logKey))
    await until(() => opened.disk.rows.damaged.size === 1)
    await opened.store.write([record(3)])
    expect((await keysOf(opened.store, prefixRange('e/'))).length).toBe(5)
  })
})

function spoil(row: Uint8Array, at: number): void {
  row[at] = (row[at] ?? 0) ^ 16
}
