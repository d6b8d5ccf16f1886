import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyOf } from './events/test/member-pen.js'
import type { Event, EventId, EventInput } from './model/event.js'
import type { SpaceId } from './model/path.js'
import { isSpiceTimeError } from './errors/spice-time-error.js'
import { MemoryDisk } from './storage/memory/memory-disk.js'
import { ManualPlatform } from './testing/manual-platform.js'
import { exchangeAll, openSpaceOf, Replica } from './testing/replicas.js'

/** Each run of a property starts from copies of these disks: one space, everyone joined. */
const disks: MemoryDisk[] = []
let space: SpaceId
const REPLICAS = 3

beforeAll(async () => {
  const platform = new ManualPlatform({ seed: 7 })
  const founders: Replica[] = []
  for (let index = 0; index < REPLICAS; index++) {
    disks[index] = new MemoryDisk()
    founders.push(await Replica.open(platform, disks[index]))
  }
  space = await openSpaceOf(founders)
  await exchangeAll(founders, space)
  await Promise.all(founders.map((replica) => replica.runtime.close()))
})

const opened: Replica[] = []
afterAll(async () => {
  await Promise.all(opened.map((replica) => replica.runtime.close()))
})

async function openReplicas(platform: ManualPlatform): Promise<Replica[]> {
  return await Promise.all(disks.map((disk) => Replica.open(platform, copyOf(disk))))
}

/** A collection, and what its events need: each merge policy by itself, and one where devices disagree. */
interface Place {
  readonly collection: string
  readonly requires: 'team' | 'storage' | 'consensus'
}

type Step =
  | {
      readonly kind: 'submit'
      readonly by: number
      readonly input: Omit<EventInput, 'path'> & { readonly field: string; readonly entity: string }
      readonly place: Place
    }
  | { readonly kind: 'undo'; readonly by: number }
  | { readonly kind: 'deliver'; readonly to: number; readonly picks: readonly number[] }
  | { readonly kind: 'restart'; readonly by: number }
  /** Merged before it is sent, or so the device believes: `deliver` may have got it out. */
  | { readonly kind: 'merge'; readonly by: number }
  | { readonly kind: 'wait'; readonly milliseconds: number }

const by = fc.nat(REPLICAS - 1)
const entity = fc.constantFrom('1', '2')
const scalar = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.string({ maxLength: 4 }), fc.constant(null), fc.boolean())
const fields = fc.dictionary(fc.constantFrom('a', 'b', 'list', 'text', 'n'), fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), {
  maxKeys: 3,
  noNullPrototype: true,
})
const input = fc.oneof(
  fc.record({ op: fc.constant('put' as const), field: fc.constant(''), entity, value: fields }),
  fc.record({ op: fc.constant('patch' as const), field: fc.constant(''), entity, value: fields }),
  fc.record({ op: fc.constant('put' as const), field: fc.constantFrom('/a', '/b', '/b/c'), entity, value: scalar }),
  fc.record({ op: fc.constant('remove' as const), field: fc.constantFrom('', '/a', '/text'), entity }),
  fc.record({ op: fc.constant('add' as const), field: fc.constantFrom('/n', '/a'), entity, value: fc.integer({ min: -9, max: 9 }) }),
  fc.record({ op: fc.constant('insert' as const), field: fc.constant('/list'), entity, index: fc.nat(2), value: scalar }),
  fc.record({ op: fc.constant('delete' as const), field: fc.constant('/list'), entity, index: fc.nat(1), count: fc.nat(2) }),
  fc.record({
    op: fc.constant('text' as const),
    field: fc.constant('/text'),
    entity,
    delta: fc.constantFrom([{ insert: 'ab' }], [{ retain: 1 }, { insert: 'x' }], [{ delete: 1 }]),
  }),
)
const place: fc.Arbitrary<Place> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ collection: 'docs', requires: 'team' as const }) },
  { weight: 1, arbitrary: fc.constant({ collection: 'notes', requires: 'storage' as const }) },
  { weight: 1, arbitrary: fc.constant({ collection: 'votes', requires: 'consensus' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      collection: fc.constant('mixed'),
      requires: fc.constantFrom('team' as const, 'storage' as const, 'consensus' as const),
    }),
  },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('submit' as const), by, input, place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('undo' as const), by }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('deliver' as const), to: by, picks: fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), by }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('merge' as const), by }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), milliseconds: fc.nat(5000) }) },
)

/** Does one step. What the runtime refuses (a clash, nothing to undo) is part of the play. */
async function play(one: Step, replicas: readonly Replica[], platform: ManualPlatform): Promise<void> {
  try {
    if (one.kind === 'wait') return platform.advance(one.milliseconds)
    const replica = replicas[one.kind === 'deliver' ? one.to : one.by]
    if (replica === undefined) return
    if (one.kind === 'restart') return await replica.restart()
    if (one.kind === 'merge') return await replica.merge()
    if (one.kind === 'undo') return void (await replica.runtime.undo({ under: space }))
    if (one.kind === 'submit') {
      const { field, entity: name, ...operation } = one.input
      return void (await replica.runtime.submitEvent({
        ...operation,
        path: `${space}/${one.place.collection}/${name}${field}`,
        requires: one.place.requires,
      } as EventInput))
    }
    const all = (await Promise.all(replicas.map((other) => other.log(space)))).flat()
    await replica.receive(...one.picks.flatMap((pick) => all[pick % all.length]?.bytes ?? []))
  } catch (error) {
    if (!isSpiceTimeError(error)) throw error
  }
}

async function isSuperseded(id: EventId, { runtime }: Replica): Promise<boolean> {
  const found = await runtime.intake.log.find(id)
  return found !== undefined && found.id !== id
}

/** Promises 2 and 3 at every moment: each event once, and after all that it names. */
async function checkLog(replica: Replica): Promise<readonly Event[]> {
  const log = await replica.log(space)
  const applied = new Set<string>()
  for (const event of log) {
    expect(applied.has(event.id)).toBe(false)
    for (const parent of event.previous === undefined ? event.parents : [event.previous, ...event.parents])
      expect(applied.has(parent) || (await isSuperseded(parent, replica))).toBe(true)
    applied.add(event.id)
  }
  return log
}

test(
  'P2, P3, P4: whatever is resent, reordered, lost or restarted, each event counts once, after its parents, and all devices end alike',
  { timeout: 900_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 4, maxLength: 14 }),
        fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
        async (steps, shuffle) => {
          const platform = new ManualPlatform({ seed: 3 })
          const replicas = await openReplicas(platform)
          const ever = new Map<EventId, Event>()
          const note = async (): Promise<void> => {
            for (const replica of replicas) for (const event of await replica.log(space)) ever.set(event.id, event)
          }
          for (const one of steps) {
            if (one.kind === 'merge') await note()
            await play(one, replicas, platform)
          }
          await note()
          for (const replica of replicas) await checkLog(replica)
          const all = [...ever.values()]
          for (const [index, replica] of replicas.entries()) {
            const order = all.toSorted((a, b) => rank(a, shuffle, index) - rank(b, shuffle, index))
            for (const event of order) await replica.receive(event.bytes)
          }
          // What waits for its own transaction gets it.
          for (let round = 0; round < 3; round++) {
            platform.advance(10)
            await Promise.all(replicas.map((replica) => replica.runtime.intake.settled()))
          }
          const sets = await Promise.all(replicas.map(async (replica) => new Set((await checkLog(replica)).map((event) => event.id))))
          expect(sets[1]).toEqual(sets[0])
          expect(sets[2]).toEqual(sets[0])
          const prints = await Promise.all(replicas.map((replica) => replica.fingerprint(space)))
          expect(prints[1]).toBe(prints[0])
          expect(prints[2]).toBe(prints[0])
          // A device that only ever gets the whole set, in one piece, folds the same.
          await replicas[0]?.restart()
          expect(await replicas[0]?.fingerprint(space)).toBe(prints[1])
          await Promise.all(replicas.map((replica) => replica.runtime.close()))
        },
      ),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 1000) },
    )
  },
)

function rank(event: Event, shuffle: readonly number[], replica: number): number {
  const seed = shuffle[event.seq % shuffle.length] ?? 1
  return (event.id.charCodeAt(20) * 31 + event.id.charCodeAt(30) * 17 + seed * (replica + 3)) % 101
}
