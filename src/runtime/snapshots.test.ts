import { afterEach, describe, expect, test, vi } from 'vitest'
import { isSpiceTimeError } from './errors/spice-time-error.js'
import { isValueMap } from './model/value.js'
import type { Replica } from './testing/replicas.js'
import { SnapshotWorld } from './testing/snapshot-world.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const EVERY = 20
const worlds: SnapshotWorld[] = []

afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()))
})

/** A space with a snapshot, and who wrote it. */
async function withSnapshot(): Promise<SnapshotWorld> {
  const world = await SnapshotWorld.create(EVERY, { notes: 'last-writer' })
  worlds.push(world)
  await write(world.ada, EVERY + 5)
  await world.ada.runtime.submitEvent({ path: 'shared/notes/1', op: 'put', value: { text: 'whole' }, requires: 'team' })
  await world.until(() => world.published() === 1)
  return world
}

async function write(by: Replica, count: number, collection = 'tasks'): Promise<void> {
  for (let index = 0; index < count; index++) {
    const path = `shared/${collection}/${index % 5}`
    await by.runtime.submitEvent({ path, op: 'patch', value: { [`f${index % 3}`]: index, by: by.runtime.me } })
  }
}

function told(replica: Replica, kind: string): readonly unknown[] {
  return replica.seen.flatMap(({ diagnostic }) => (diagnostic.kind === kind ? [diagnostic] : []))
}

describe('a snapshot', () => {
  test('takes the place of the past for who joins, and the tail comes after it', async () => {
    const world = await withSnapshot()
    const { ada, space } = world
    await write(ada, 4, 'later')
    const ben = await world.join('ben')
    await world.until(() => world.alike(ada, ben))
    expect(told(ben, 'snapshot-taken')).toMatchObject([{ author: ada.runtime.me, events: EVERY + 7 }])
    // Its own entry; of the past what is carried whole, the founder's entry and the note; the tail.
    expect(await ben.log(space.id)).toHaveLength(1 + 2 + 4)
    expect(await ben.runtime.members(space.id)).toHaveLength(2)
  })

  test('is a ground to build on: both go on in the same documents, undo, and restart', async () => {
    const world = await withSnapshot()
    const { ada, space } = world
    const ben = await world.join('ben')
    await world.until(() => world.alike(ada, ben))
    await write(ben, 7)
    await write(ada, 3)
    await ben.runtime.undo()
    await world.until(async () => (await world.alike(ada, ben)) && (await ben.log(space.id)).length === 3 + 7 + 1 + 3)
    await ben.restart()
    await write(ben, 2)
    await world.until(() => world.alike(ada, ben))
    expect(await world.isAsReplayed(ada)).toBe(true)
  })

  test('covers its events once: those that come again are known, and traced to who vouches for them', async () => {
    const world = await withSnapshot()
    const { ada, space } = world
    const ben = await world.join('ben')
    await world.until(() => world.alike(ada, ben))
    const before = (await ben.log(space.id)).length
    const past = await ada.log(space.id)
    await ben.receive(...past.map(({ bytes }) => bytes))
    expect(await ben.log(space.id)).toHaveLength(before)
    expect(told(ben, 'event-refused')).toEqual([])
    const covered = past.find(({ path }) => path.startsWith('shared/tasks/'))
    expect(await ben.runtime.intake.standingOf(covered?.id ?? expect.fail('no task'))).toMatchObject({
      kind: 'covered',
      author: ada.runtime.me,
    })
  })

  test('claims the level that the network gave it, until that is taken back', async () => {
    const world = await withSnapshot()
    const ben = await world.join('ben')
    await world.until(() => world.alike(world.ada, ben))
    const level = async (): Promise<unknown> => {
      const answer = await ben.runtime.getState('shared/tasks/1')
      return answer.kind === 'state' ? [answer.state.level, answer.state.networks.holochain?.level] : undefined
    }
    expect(await level()).toEqual(['shared', 'shared'])
    await ben.runtime.intake.receive('holochain', { events: [], receipts: [], retracted: [], reset: true })
    expect(await level()).toEqual(['local', undefined])
    await ben.runtime.intake.receive('holochain', { events: [], receipts: [], retracted: [], reset: true })
    expect(await level()).toEqual(['local', undefined])
  })

  test('keeps no past before it: what was then is refused with a code, what came after is read', async () => {
    const world = await withSnapshot()
    const ben = await world.join('ben')
    await world.until(() => world.alike(world.ada, ben))
    const path = 'shared/tasks/1'
    const then = await world.ada.value(path)
    const code = await ben.runtime.getState(path, { at: 1 }).then(
      () => 'none',
      (error: unknown) => (isSpiceTimeError(error) ? error.code : 'other'),
    )
    expect(code).toBe('PAST_NOT_KEPT')
    const id = await ben.runtime.submitEvent({ path, op: 'patch', value: { more: 1 } })
    await ben.runtime.submitEvent({ path, op: 'patch', value: { more: 2 } })
    const answer = await ben.runtime.getState(path, { at: id })
    expect(answer.kind === 'state' ? answer.state.value : undefined).toEqual(isValueMap(then) ? { ...then, more: 1 } : undefined)
  })

  test('joins what a device wrote before it came', async () => {
    const world = await withSnapshot()
    const { ada, network } = world
    network.disconnect('ben')
    const ben = await world.join('ben')
    await write(ben, 6)
    network.reconnect('ben')
    await world.until(async () => told(ben, 'snapshot-taken').length === 1 && (await world.alike(ada, ben)))
    expect(await world.isAsReplayed(ada)).toBe(true)
    await ben.restart()
    expect(await world.alike(ada, ben)).toBe(true)
  })

  test('a second event with the number of a covered one is a fork, and changes nothing', async () => {
    const world = await withSnapshot()
    const { ada } = world
    const ben = await world.join('ben')
    await world.until(() => world.alike(ada, ben))
    const before = await ben.fingerprint('shared')
    await ben.receive(await world.rivalOf(ada, 3))
    expect(await ben.fingerprint('shared')).toBe(before)
    expect(told(ben, 'event-refused')).toMatchObject([{ code: 'AUTHOR_FORKED' }])
  })
})
