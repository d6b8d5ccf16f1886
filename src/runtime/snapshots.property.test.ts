import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSpiceTimeError } from './errors/spice-time-error.js'
import type { EventInput } from './model/event.js'
import type { Replica } from './testing/replicas.js'
import { SnapshotWorld } from './testing/snapshot-world.js'

const who = fc.nat(3)
const entity = fc.constantFrom('1', '2', '3')
const scalar = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.string({ maxLength: 4 }), fc.boolean())
const input = fc.oneof(
  fc.record({
    op: fc.constant('put' as const),
    entity,
    field: fc.constant(''),
    value: fc.dictionary(fc.constantFrom('a', 'b', 'n'), scalar, { noNullPrototype: true }),
  }),
  fc.record({
    op: fc.constant('patch' as const),
    entity,
    field: fc.constant(''),
    value: fc.dictionary(fc.constantFrom('a', 'b'), scalar, { noNullPrototype: true }),
  }),
  fc.record({ op: fc.constant('add' as const), entity, field: fc.constant('/n'), value: fc.integer({ min: -9, max: 9 }) }),
  fc.record({ op: fc.constant('insert' as const), entity, field: fc.constant('/list'), index: fc.nat(2), value: scalar }),
  fc.record({
    op: fc.constant('text' as const),
    entity,
    field: fc.constant('/text'),
    delta: fc.constantFrom([{ insert: 'ab' }], [{ delete: 1 }]),
  }),
  fc.record({ op: fc.constant('remove' as const), entity, field: fc.constantFrom('', '/a') }),
)
type Step =
  | {
      readonly kind: 'submit'
      readonly by: number
      readonly collection: string
      readonly input: { readonly entity: string; readonly field: string } & object
    }
  | { readonly kind: 'undo' | 'join' | 'restart' | 'away' | 'back'; readonly by: number }
  | { readonly kind: 'pass'; readonly milliseconds: number }
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('submit' as const), by: who, collection: fc.constantFrom('tasks', 'tasks', 'notes'), input }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('undo' as const, 'join' as const, 'restart' as const, 'away' as const, 'back' as const),
      by: who,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), milliseconds: fc.integer({ min: 100, max: 30_000 }) }) },
)

/** What the runtime refuses (a clash, nothing to undo) is part of the play. */
async function play(one: Step, world: SnapshotWorld): Promise<void> {
  const { replicas, network } = world
  if (one.kind === 'pass') return await world.pass(one.milliseconds)
  const index = one.by % replicas.length
  const replica: Replica = replicas[index] ?? expect.fail('nobody is there')
  try {
    if (one.kind === 'submit') {
      const { entity: name, field, ...operation } = one.input
      await replica.runtime.submitEvent({ ...operation, path: `shared/${one.collection}/${name}${field}`, requires: 'team' } as EventInput)
    } else if (one.kind === 'undo') await replica.runtime.undo()
    else if (one.kind === 'restart') await replica.restart()
    else if (one.kind === 'join' && replicas.length < 4) await world.join(`member ${replicas.length}`)
    else if (one.kind === 'away' && index > 0) network.disconnect(`member ${index}`)
    else if (one.kind === 'back' && index > 0) network.reconnect(`member ${index}`)
  } catch (error) {
    if (!isSpiceTimeError(error)) throw error
  }
}

test(
  'a snapshot and the tail come to what the whole past does, whoever joins when (promises 2, 3 and 4)',
  { timeout: 300_000 },
  async () => {
    let taken = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 90, size: 'max' }), async (steps) => {
        const world = await SnapshotWorld.create(8, { notes: 'last-writer' })
        try {
          for (const one of steps) await play(one, world)
          for (let index = 1; index < world.replicas.length; index++) world.network.reconnect(`member ${index}`)
          // Time for whoever finds that a snapshot is due.
          for (let turn = 0; turn < 10; turn++) await world.pass(20_000)
          const last = await world.join(`member ${world.replicas.length}`)
          await world.until(() => world.alike(...world.replicas), 2_000)
          await last.runtime.submitEvent({ path: 'shared/tasks/1', op: 'patch', value: { last: true } }).catch(() => undefined)
          await world.until(() => world.alike(...world.replicas), 2_000)
          taken += world.replicas.flatMap(({ seen }) => seen).filter(({ diagnostic }) => diagnostic.kind === 'snapshot-taken').length
          expect(world.replicas.flatMap(({ seen }) => seen).filter(({ diagnostic }) => diagnostic.kind === 'snapshot-refused')).toEqual([])
          expect(await world.isAsReplayed(world.ada)).toBe(true)
        } finally {
          await world.close()
        }
      }),
      { numRuns: 12 },
    )
    // Else the property says nothing of snapshots.
    expect(taken).toBeGreaterThan(6)
  },
)
