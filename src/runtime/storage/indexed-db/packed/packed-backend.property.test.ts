import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GroupCommitStore } from '../../group-commit.js'
import type { StoreChange, StoreEntry } from '../../store.js'
import { PackedBackend } from './packed-backend.js'
import type { PackedLimits } from './packed-backend.js'
import { SimulatedDisk } from './test/simulated-disk.js'

/** So small that a few writes make many pages, splits, merges and checkpoints. */
const SMALL: PackedLimits = { pageBytes: 400, memtableBytes: 600, memtableRows: 6, backlog: 2, sliceBytes: 300, cacheBytes: 2000 }
const noTimer = (): (() => void) => () => undefined

async function open(disk: SimulatedDisk): Promise<GroupCommitStore> {
  const fail = (problem: unknown): void => {
    throw problem instanceof Error ? problem : new Error(JSON.stringify(problem))
  }
  return new GroupCommitStore(await PackedBackend.open({ disk, after: noTimer, onDamaged: fail, onBackgroundFailure: fail, limits: SMALL }))
}

const logKey = (number: number): string => `log/${String(number).padStart(4, '0')}`
const key = fc.oneof(
  fc.nat(60).map(logKey),
  fc.nat(30).map((number) => `index/${((number * 7919) % 1000).toString(36)}`),
  fc.constantFrom('a', 'z', 'meta/one', 'meta/two'),
)
/** Some are larger than a page. */
const value = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 120 }) },
  { weight: 1, arbitrary: fc.nat(255).map((byte) => new Uint8Array(500).fill(byte)) },
)
const change = fc.tuple(key, fc.option(value, { nil: undefined, freq: 3 }))
/** Many keys in a row, gone or all of one value: whole pages empty, and others between them change in nothing. */
const stretch = fc.record({
  from: fc.nat(60),
  count: fc.nat(40),
  each: fc.integer({ min: 1, max: 4 }),
  value: fc.option(value, { nil: undefined }),
})
const range = fc.record({ from: key, to: key, reverse: fc.boolean(), limit: fc.option(fc.nat(20), { nil: undefined }) })
const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      changes: fc.array(change, { minLength: 1, maxLength: 12 }),
      wait: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: stretch.map(({ from, count, each, value: one }) => ({
      kind: 'write' as const,
      changes: Array.from({ length: count + 1 }, (_, at): StoreChange => [logKey(from + at * each), one]),
      wait: true,
    })),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('range' as const), range }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('get' as const), keys: fc.array(key, { maxLength: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
)

type Model = Map<string, Uint8Array>

function applyTo(model: Model, changes: readonly StoreChange[]): void {
  for (const [name, value] of changes) {
    if (value === undefined) model.delete(name)
    else model.set(name, value)
  }
}

function expected(
  model: Model,
  { from, to, reverse, limit }: { from: string; to: string; reverse: boolean; limit: number | undefined },
): StoreEntry[] {
  const inside = [...model].filter(([name]) => name >= from && name < to).sort(([a], [b]) => (a < b ? -1 : 1))
  return (reverse ? inside.reverse() : inside).slice(0, limit)
}

async function all(store: GroupCommitStore, asked: { from: string; to: string; reverse?: boolean; limit?: number }): Promise<StoreEntry[]> {
  const entries: StoreEntry[] = []
  for await (const page of store.range(asked)) entries.push(...page)
  return entries
}

function plain(entries: readonly StoreEntry[]): [string, number[]][] {
  return entries.map(([name, value]) => [name, [...value]])
}

const EVERYTHING = { from: ' ', to: '\u007f', reverse: false, limit: undefined }

describe('packed store', () => {
  it('behaves as a plain map through writes, checkpoints and reopenings', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 40 }), async (commands) => {
        const model: Model = new Map()
        let disk = new SimulatedDisk()
        let store = await open(disk)
        for (const step of commands) {
          if (step.kind === 'write') {
            const durable = store.write(step.changes)
            applyTo(model, step.changes)
            if (step.wait) await durable
          } else if (step.kind === 'range') {
            const { limit, ...ends } = step.range
            const asked = limit === undefined ? ends : { ...ends, limit }
            expect(plain(await all(store, asked))).toEqual(plain(expected(model, step.range)))
          } else if (step.kind === 'get') {
            const one = step.keys[0] ?? 'a'
            expect(await store.get(one)).toEqual(model.get(one))
            expect(await store.getMany(step.keys)).toEqual(step.keys.map((name) => model.get(name)))
          } else if (step.kind === 'reopen') {
            await store.close()
            disk = new SimulatedDisk(disk.rows)
            store = await open(disk)
          } else {
            await new Promise((resolve) => setTimeout(resolve, 0))
          }
        }
        expect(plain(await all(store, { from: ' ', to: '\u007f' }))).toEqual(plain(expected(model, EVERYTHING)))
        for (const [name, stored] of model) expect(await store.get(name)).toEqual(stored)
        await store.close()
      }),
      { numRuns: 150 },
    )
  })

  it('loses nothing that was acknowledged, whichever write a kill falls into', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { minLength: 1, maxLength: 10 }), { minLength: 5, maxLength: 30 }),
        fc.nat(80),
        fc.boolean(),
        async (writes, killed, done) => {
          const disk = new SimulatedDisk()
          disk.killAt(killed, done)
          const opened = await Promise.race([open(disk), disk.whenKilled])
          const durable: Model = new Map()
          let torn: readonly StoreChange[] = []
          for (const changes of writes) {
            if (opened === 'killed') break
            torn = changes
            const outcome = await Promise.race([opened.write(changes).then(() => 'durable'), disk.whenKilled])
            if (outcome === 'killed') break
            applyTo(durable, changes)
            torn = []
          }
          const after = await open(new SimulatedDisk(disk.rows))
          const found = plain(await all(after, { from: ' ', to: '\u007f' }))
          const withTorn: Model = new Map(durable)
          applyTo(withTorn, torn)
          expect([plain(expected(durable, EVERYTHING)), plain(expected(withTorn, EVERYTHING))]).toContainEqual(found)
          await after.close()
        },
      ),
      { numRuns: 150 },
    )
  })
})
