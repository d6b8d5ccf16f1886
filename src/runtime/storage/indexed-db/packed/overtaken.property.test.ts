import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSpiceTimeError } from '../../../errors/spice-time-error.js'
import type { SpiceTimeError } from '../../../errors/spice-time-error.js'
import { GroupCommitStore } from '../../group-commit.js'
import type { StoreChange } from '../../store.js'
import { FENCES_KEPT, isFence, overtakenError } from './fence.js'
import { PackedBackend } from './packed-backend.js'
import type { PackedLimits } from './packed-backend.js'
import { commitsIn, noRows, SimulatedDisk } from './test/simulated-disk.js'
import type { SimulatedRows } from './test/simulated-disk.js'

const SMALL: PackedLimits = { pageBytes: 400, memtableBytes: 600, memtableRows: 6, backlog: 2, sliceBytes: 300, cacheBytes: 2000 }

type Model = Map<string, string>

const key = fc.nat(40).map((number) => `log/${String((number * 7919) % 41).padStart(4, '0')}`)
const change = fc.tuple(key, fc.option(fc.uint8Array({ minLength: 1, maxLength: 80 }), { nil: undefined, freq: 4 }))
const changes = fc.array(change, { minLength: 1, maxLength: 8 })

/** One connection, as the store over IndexedDB ends it. */
class Connection {
  readonly disk: SimulatedDisk
  ended: SpiceTimeError | undefined
  readonly timers: (() => void)[] = []
  #store: GroupCommitStore | undefined

  constructor(rows: SimulatedRows) {
    this.disk = new SimulatedDisk(rows)
    this.disk.onOvertaken = () => {
      this.ended ??= overtakenError()
    }
  }

  async open(): Promise<this> {
    const fail = (problem: unknown): void => {
      throw problem instanceof Error ? problem : new Error(JSON.stringify(problem))
    }
    const backend = await PackedBackend.open({
      disk: this.disk,
      limits: SMALL,
      ended: () => this.ended,
      after: (_, callback) => {
        this.timers.push(callback)
        return () => undefined
      },
      onDamaged: fail,
      onBackgroundFailure: fail,
    })
    this.#store = new GroupCommitStore(backend)
    return this
  }

  get store(): GroupCommitStore {
    if (this.#store === undefined) throw new Error('not open')
    return this.#store
  }

  /** Whether it was acknowledged; whatever is not must have been refused as another's database. */
  async write(next: readonly StoreChange[]): Promise<boolean> {
    try {
      await this.store.write(next)
      return true
    } catch (error) {
      expect(isSpiceTimeError(error, 'STORAGE_CLOSED')).toBe(true)
      return false
    }
  }
}

function applyTo(model: Model, next: readonly StoreChange[]): void {
  for (const [name, value] of next) {
    if (value === undefined) model.delete(name)
    else model.set(name, value.join())
  }
}

async function contents(store: GroupCommitStore): Promise<[string, string][]> {
  const found: [string, string][] = []
  for await (const page of store.range({ from: ' ', to: '\u007f' }))
    found.push(...page.map(([name, value]) => [name, value.join()] as [string, string]))
  return found
}

async function settle(disk: SimulatedDisk): Promise<void> {
  for (let quiet = 0, seen = -1; quiet < 6; quiet++) {
    if (disk.writes.length !== seen) quiet = 0
    seen = disk.writes.length
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
}

describe('packed store: an owner that was overtaken', () => {
  it('acknowledges nothing after the fence and spoils nothing, wherever it froze and whenever it wakes', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          before: fc.array(changes, { minLength: 3, maxLength: 25 }),
          frozen: fc.integer({ min: 1, max: 45 }),
          done: fc.boolean(),
          during: fc.array(fc.record({ next: changes, reopen: fc.boolean() }), { minLength: 1, maxLength: 20 }),
          wakes: fc.nat(20),
          after: fc.array(changes, { minLength: 1, maxLength: 10 }),
        }),
        async ({ before, frozen, done, during, wakes, after }) => {
          const rows = noRows()
          const model: Model = new Map()
          const old = await new Connection(rows).open()
          old.disk.freezeAt(frozen, done)
          let torn: { readonly next: readonly StoreChange[]; readonly acknowledged: Promise<boolean> } | undefined
          for (const next of before) {
            torn = { next, acknowledged: old.write(next) }
            if ((await Promise.race([torn.acknowledged, old.disk.whenFrozen])) === 'frozen') break
            applyTo(model, next)
            torn = undefined
          }
          let owner = await new Connection(rows).open()
          // What the old one's commit had reached is there, acknowledged or not; what it had not will never be.
          const found = new Map(await contents(owner.store))
          const withTorn: Model = new Map(model)
          applyTo(withTorn, torn?.next ?? [])
          const landed = JSON.stringify([...found]) === JSON.stringify([...withTorn].sort(([a], [b]) => (a < b ? -1 : 1)))
          if (landed) applyTo(model, torn?.next ?? [])
          const late: Promise<boolean>[] = []
          for (const [at, { next, reopen }] of during.entries()) {
            if (at === Math.min(wakes, during.length - 1)) {
              old.disk.thaw()
              for (const tried of after) late.push(old.write(tried))
            }
            if (reopen) {
              await owner.store.close()
              owner = await new Connection(rows).open()
            }
            expect(await owner.write(next)).toBe(true)
            applyTo(model, next)
          }
          if (torn !== undefined && (await torn.acknowledged)) expect(landed).toBe(true)
          // The first of them may have shared the commit that was under way.
          expect(await Promise.all(late)).toEqual(late.map(() => false))
          await settle(old.disk)
          await settle(owner.disk)
          const expected = [...model].sort(([a], [b]) => (a < b ? -1 : 1))
          expect(await contents(owner.store)).toEqual(expected)
          await owner.store.close()
          const third = await new Connection(rows).open()
          expect(await contents(third.store)).toEqual(expected)
          await third.store.close()
        },
      ),
      { numRuns: 120 },
    )
  })

  it('keeps its log numbered upwards and its fences few, however often it is opened', async () => {
    const rows = noRows()
    const first = await new Connection(rows).open()
    await first.write([['a', Uint8Array.of(1)]])
    for (let opening = 0; opening < 5 * FENCES_KEPT; opening++) {
      const next = await new Connection(rows).open()
      await new Promise((resolve) => setTimeout(resolve, 0))
      for (const timer of next.timers.splice(0)) timer()
      await settle(next.disk)
      await next.store.close()
    }
    const last = await new Connection(rows).open()
    const fences = [...rows.commits.values()].filter(isFence).length
    expect(fences).toBeGreaterThanOrEqual(FENCES_KEPT)
    expect(fences).toBeLessThanOrEqual(2 * FENCES_KEPT + 2)
    expect(Math.max(...rows.commits.keys())).toBeGreaterThan(5 * FENCES_KEPT)
    expect(await last.store.get('a')).toEqual(Uint8Array.of(1))
    expect(await first.write([['a', Uint8Array.of(2)]])).toBe(true)
    // A sleeper that slept through more than that may commit, and its row counts no more: what later owners did stays.
    const later = await new Connection(rows).open()
    expect(await later.store.get('a')).toEqual(Uint8Array.of(1))
  })

  it('numbers on after a checkpoint has emptied the log', async () => {
    const rows = noRows()
    const old = await new Connection(rows).open()
    for (let at = 0; at < SMALL.memtableRows; at++) await old.write([[`k/${at}`, Uint8Array.of(at)]])
    await settle(old.disk)
    expect(commitsIn(rows)).toEqual([])
    const owner = await new Connection(rows).open()
    expect(await old.write([['k/0', Uint8Array.of(99)]])).toBe(false)
    expect(old.ended?.code).toBe('STORAGE_CLOSED')
    expect(await owner.store.get('k/0')).toEqual(Uint8Array.of(0))
  })
})
