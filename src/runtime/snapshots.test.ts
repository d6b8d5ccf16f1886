import { isDeepStrictEqual } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Space } from './model/space.js'
import { ManualPlatform } from './testing/manual-platform.js'
import { Replica } from './testing/replicas.js'
import { SimulatedNetwork } from './testing/simulated-network.js'

const EVERY = 20

let platform: ManualPlatform
let team: SimulatedNetwork
let ada: Replica
let space: Space
let replicas: Replica[]

async function open(name: string): Promise<Replica> {
  const replica = await Replica.open(platform, undefined, [team.join(name)])
  replicas.push(replica)
  return replica
}

beforeEach(async () => {
  platform = new ManualPlatform({ seed: 23 })
  team = new SimulatedNetwork({ platform, network: 'holochain', requirements: ['team'], batch: 8, snapshotEvery: EVERY })
  replicas = []
  ada = await open('ada')
  space = await ada.runtime.createSpace({ name: 'Shared', id: 'shared' })
  return async () => {
    await Promise.all(replicas.map((replica) => replica.runtime.close()))
  }
})

/** Lets time pass, with room for all that it sets off, until the condition holds. */
async function until(condition: () => Promise<boolean> | boolean, step = 500): Promise<void> {
  for (let steps = 0; steps < 1_000; steps++) {
    if (await condition()) return
    platform.advance(step)
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    await Promise.all(replicas.map((replica) => replica.runtime.intake.settled()))
  }
  for (const r of replicas)
    console.log(
      r.seen
        .map(({ diagnostic: d }) => JSON.stringify(d))
        .filter((t) => !t.includes('event-applied') && !t.includes('decision-made') && !t.includes('delivery-moved'))
        .join('\n')
        .slice(0, 3000),
    )
  throw new Error(`the condition did not come to hold in ${step} simulated seconds`)
}

async function write(by: Replica, count: number, collection = 'tasks'): Promise<void> {
  for (let index = 0; index < count; index++)
    await by.runtime.submitEvent({
      path: `${space.id}/${collection}/${index % 5}`,
      op: 'patch',
      value: { [`f${index % 3}`]: index, by: by.runtime.me },
    })
}

function kinds(replica: Replica, kind: string): readonly unknown[] {
  return replica.seen.flatMap(({ diagnostic }) => (diagnostic.kind === kind ? [diagnostic] : []))
}

async function join(name: string): Promise<Replica> {
  const replica = await open(name)
  await replica.runtime.joinSpace(await ada.runtime.invite(space.id), { as: name })
  return replica
}

function published(): number {
  return team.snapshots?.publishedIn(space.reference).length ?? 0
}

async function alike(one: Replica, other: Replica, path: string = space.id): Promise<boolean> {
  return isDeepStrictEqual(await one.fingerprint(path), await other.fingerprint(path))
}

describe('a snapshot', () => {
  test('takes the place of the past for who joins, and the tail comes after it', async () => {
    await write(ada, EVERY + 5)
    await until(() => published() === 1)
    await write(ada, 4, 'later')
    const ben = await join('ben')
    await until(() => alike(ada, ben))
    expect(kinds(ben, 'snapshot-taken')).toMatchObject([{ author: ada.runtime.me, events: EVERY + 6 }])
    // Its own entry, the founder's, which is carried whole, and the tail.
    expect((await ben.log(space.id)).length).toBe(1 + 1 + 4)
    await until(async () => (await ada.runtime.members(space.id)).length === 2)
    expect(await ben.runtime.members(space.id)).toHaveLength(2)
  })

  test('is a ground to build on: both go on, in the same documents, undo and restart', async () => {
    await write(ada, EVERY + 5)
    await until(() => published() === 1)
    const ben = await join('ben')
    await until(() => alike(ada, ben))
    await write(ben, 7)
    await write(ada, 3)
    await ben.runtime.undo()
    await until(async () => (await alike(ada, ben)) && (await ben.log(space.id)).length === 2 + 7 + 1 + 3)
    await ben.restart()
    await write(ben, 2)
    await until(() => alike(ada, ben))
    const fresh = await Replica.open(platform)
    replicas.push(fresh)
    await fresh.runtime.joinSpace(await ada.runtime.invite(space.id))
    await fresh.receive(...(await ada.log(space.id)).map(({ bytes }) => bytes))
    expect(await fresh.fingerprint(`${space.id}/tasks`)).toBe(await ben.fingerprint(`${space.id}/tasks`))
  })
})
