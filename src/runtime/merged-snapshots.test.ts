import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Event, EventId } from './model/event.js'
import { MemoryDisk } from './storage/memory/memory-disk.js'
import { Replica } from './testing/replicas.js'
import { SnapshotWorld } from './testing/snapshot-world.js'

/** Where what was merged before it was sent meets what a newcomer takes for the past: decisions 0013 and 0014. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const EVERY = 20
const NOTE = 'shared/notes/1'
const worlds: SnapshotWorld[] = []

afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()))
})

async function newWorld(): Promise<SnapshotWorld> {
  const world = await SnapshotWorld.create(EVERY)
  worlds.push(world)
  return world
}

/** Keystrokes at the end of the note's text. */
async function type(by: Replica, keys: string, from = 0): Promise<readonly EventId[]> {
  const ids: EventId[] = []
  for (const [index, key] of keys.split('').entries()) {
    const at = from + index
    const delta = at === 0 ? [{ insert: key }] : [{ retain: at }, { insert: key }]
    ids.push(await by.runtime.submitEvent({ path: `${NOTE}/text`, op: 'text', delta }))
  }
  return ids
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz'
const text = (replica: Replica): Promise<unknown> => replica.value(`${NOTE}/text`)
const bytesOf = (events: readonly Event[]): readonly Uint8Array[] => events.map(({ bytes }) => bytes)

async function headsOf(replica: Replica): Promise<readonly EventId[]> {
  const answer = await replica.runtime.getState(NOTE)
  return answer.kind === 'state' ? answer.state.heads.toSorted() : []
}

function told(replica: Replica, kind: string): readonly unknown[] {
  return replica.seen.flatMap(({ diagnostic }) => (diagnostic.kind === kind ? [diagnostic] : []))
}

/** Founded by a device that no network reaches: what the others get of its events, a test decides. */
async function handedOver(): Promise<SnapshotWorld> {
  const world = await newWorld()
  world.network.disconnect('ada')
  return world
}

/** Somebody who has just these events publishes a snapshot; who joins then takes it. */
async function newcomerAfter(world: SnapshotWorld, past: readonly Event[]): Promise<Replica> {
  const mia = await world.join('mia')
  await mia.receive(...bytesOf(past))
  await world.until(() => world.published() === 1)
  const ben = await world.join('ben')
  await world.until(() => told(ben, 'snapshot-taken').length === 1)
  return ben
}

/** A device that was handed all of it. */
async function replayed(world: SnapshotWorld, events: readonly Event[]): Promise<Replica> {
  const replica = await Replica.open(world.platform, new MemoryDisk(), [])
  world.replicas.push(replica)
  await replica.runtime.joinSpace(await world.ada.runtime.invite(world.space.id))
  await replica.receive(...bytesOf(events))
  await world.pass(10)
  return replica
}

/** As they are, each event by itself. */
async function positionsOf(replica: Replica, ids: readonly EventId[]): Promise<readonly number[]> {
  return (await replica.runtime.intake.log.positionsOf(ids)).flatMap((position) => position ?? [])
}

describe('a snapshot of what was merged before it was sent', () => {
  test('typing that was merged, a snapshot, a newcomer, the tail: all devices come to one text, and type on', async () => {
    const world = await newWorld()
    const { ada, network, space } = world
    network.disconnect('ada')
    await type(ada, ALPHABET)
    network.reconnect('ada')
    await world.until(() => world.published() === 1)
    const merged = (await ada.log(space.id)).filter(({ path }) => path.startsWith(NOTE))
    expect(merged.map(({ supersedes }) => supersedes?.length)).toEqual([ALPHABET.length])
    const ben = await world.join('ben')
    await world.until(async () => told(ben, 'snapshot-taken').length === 1 && (await world.alike(ada, ben)))
    expect(await text(ben)).toBe(ALPHABET)
    expect(await headsOf(ben)).toEqual(await headsOf(ada))
    // Its own entry and the founder's: no event of the note.
    expect(await ben.log(space.id)).toHaveLength(2)
    network.disconnect('ada')
    network.disconnect('ben')
    await type(ada, 'ada', 26)
    await type(ben, 'ben', 26)
    network.reconnect('ada')
    network.reconnect('ben')
    await world.until(async () => (await world.alike(ada, ben)) && String(await text(ben)).length === 32)
    await ben.runtime.undo({ under: NOTE })
    await world.until(async () => (await world.alike(ada, ben)) && String(await text(ada)).length === 31)
    await ben.restart()
    expect(await headsOf(ben)).toEqual(await headsOf(ada))
    expect(await world.isAsReplayed(ada)).toBe(true)
  })

  test('what its author built on superseded events follows what took their places', async () => {
    const world = await handedOver()
    const { ada, space } = world
    const typed = await type(ada, ALPHABET)
    await ada.runtime.submitEvent({ path: 'shared/tasks/1', op: 'put', value: { title: 'x' } })
    await type(ada, '!?', 26)
    await ada.runtime.intake.supersede(await positionsOf(ada, typed))
    const log = await ada.log(space.id)
    const merged = log.find(({ supersedes }) => supersedes !== undefined) ?? expect.fail('nothing was merged')
    const later = log.filter(({ seq }) => seq > merged.seq)
    expect(later.map(({ previous }) => previous)).toContain(typed.at(-1))
    const ben = await newcomerAfter(
      world,
      log.filter(({ seq }) => seq <= merged.seq),
    )
    expect(await headsOf(ben)).toEqual([merged.id])
    await ben.receive(...bytesOf(later))
    expect(told(ben, 'event-refused')).toEqual([])
    expect(await text(ben)).toBe(`${ALPHABET}!?`)
    expect(await headsOf(ben)).toEqual(await headsOf(ada))
    const after = await ben.runtime.submitEvent({ path: `${NOTE}/title`, op: 'put', value: 'ben', after: [typed[3] ?? ''] })
    expect((await ben.runtime.trace(after)).parents).toContain(merged.id)
    await ben.restart()
    expect(await headsOf(ben)).toEqual([after])
  })

  test.each([20, 23, 26])('an event that supersedes the last %i of a covered past and what came after it is taken in', async (known) => {
    const world = await handedOver()
    const { ada, space } = world
    await type(ada, ALPHABET)
    const past = (await ada.log(space.id)).slice(0, 1 + known)
    await ada.merge()
    await type(ada, '!', 26)
    const tail = (await ada.log(space.id)).slice(1)
    const ben = await newcomerAfter(world, past)
    expect(await text(ben)).toBe(ALPHABET.slice(0, known))
    await ben.receive(...bytesOf(tail))
    expect(told(ben, 'event-refused')).toEqual([])
    expect(await text(ben)).toBe(`${ALPHABET}!`)
    expect(await headsOf(ben)).toEqual(await headsOf(ada))
    await ben.restart()
    expect(await headsOf(ben)).toEqual(await headsOf(ada))
  })

  test('an event that was superseded in the past and had got out is known when it comes, and others who built on it are understood', async () => {
    const world = await handedOver()
    const { ada, space } = world
    await type(ada, ALPHABET)
    const originals = (await ada.log(space.id)).slice(1)
    const cy = await replayed(world, (await ada.log(space.id)).slice(0, 6))
    await type(cy, '!', 5)
    const [entry, answer] = (await cy.log(space.id)).filter(({ author }) => author === cy.runtime.me)
    await ada.merge()
    const ben = await newcomerAfter(world, await ada.log(space.id))
    await ben.receive(...bytesOf([entry, answer].flatMap((event) => event ?? [])))
    expect(await text(ben)).toBe(ALPHABET)
    await ben.receive(...bytesOf(originals.slice(0, 5)))
    expect(told(ben, 'event-refused')).toEqual([])
    const dan = await replayed(world, await cy.log(space.id))
    await dan.receive(...bytesOf(await ada.log(space.id)))
    expect(await text(ben)).toBe(await text(dan))
    await ben.restart()
    await ben.receive(...bytesOf(originals))
    expect(await text(ben)).toBe(await text(dan))
    expect(String(await text(ben))).toHaveLength(27)
    expect(await ben.runtime.intake.waitingIn(space.reference)).toEqual([])
  })

  test('P2, P4: whatever of originals, mergers and answers a snapshot covers, and in whatever order the others come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          merged: fc.integer({ min: 2, max: 26 }),
          known: fc.integer({ min: 20, max: 26 }),
          over: fc.boolean(),
          /** What was merged did not get out beside, but for that on which somebody built. */
          kept: fc.boolean(),
        }),
        fc.func(fc.nat(1_000)),
        async ({ merged, known, over, kept }, rank) => {
          const world = await handedOver()
          const { ada, space } = world
          const typed = await type(ada, ALPHABET)
          const originals = (await ada.log(space.id)).slice(1)
          const [founding] = await ada.log(space.id)
          const cy = await replayed(world, [...(founding === undefined ? [] : [founding]), ...originals.slice(0, 4)])
          await type(cy, '!', 4)
          const answers = (await cy.log(space.id)).filter(({ author }) => author === cy.runtime.me)
          await ada.runtime.submitEvent({ path: 'shared/tasks/1', op: 'put', value: { title: 'x' } })
          await ada.runtime.intake.supersede(await positionsOf(ada, typed.slice(0, merged)))
          await type(ada, '?', 26)
          const log = await ada.log(space.id)
          const superseding = log.filter(({ supersedes }) => supersedes !== undefined)
          const out = kept ? originals.filter((_event, index) => index < 4 || index >= merged) : originals
          const all = [...out, ...superseding, ...answers, ...log.slice(1)]
          const past = [
            ...(founding === undefined ? [] : [founding]),
            ...(over ? superseding : []),
            ...originals.slice(over ? merged : 0, known),
          ]
          const ben = await newcomerAfter(world, past)
          const order = all.map((event, index) => ({ event, rank: rank(index) })).toSorted((a, b) => a.rank - b.rank)
          for (const { event } of order) await ben.receive(event.bytes)
          await world.pass(10)
          // What waited for something else is offered again, as networks do.
          for (const { event } of order) await ben.receive(event.bytes)
          await world.pass(10)
          const dan = await replayed(world, [...(founding === undefined ? [] : [founding]), ...all])
          await dan.receive(...bytesOf(all))
          expect(await ben.fingerprint(NOTE)).toBe(await dan.fingerprint(NOTE))
          expect(await headsOf(ben)).toEqual(await headsOf(dan))
          expect(await ben.runtime.intake.waitingIn(space.reference)).toEqual([])
          await ben.restart()
          expect(await ben.fingerprint(NOTE)).toBe(await dan.fingerprint(NOTE))
          await world.close()
          worlds.pop()
        },
      ),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 25) },
    )
  }, 300_000)
})
