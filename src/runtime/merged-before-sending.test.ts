import { beforeEach, describe, expect, test } from 'vitest'
import { copyOf } from './events/test/member-pen.js'
import type { EventId } from './model/event.js'
import type { SpaceId } from './model/path.js'
import { MemoryDisk } from './storage/memory/memory-disk.js'
import { ManualPlatform } from './testing/manual-platform.js'
import { exchangeAll, openSpaceOf, Replica } from './testing/replicas.js'
import { SimulatedNetwork } from './testing/simulated-network.js'

/** Whole runtimes on a simulated team network: what is written faster than it can be sent. */
let platform: ManualPlatform
let team: SimulatedNetwork
let ada: Replica
let ben: Replica
let space: SpaceId

const open = (name: string, disk = new MemoryDisk()): Promise<Replica> => Replica.open(platform, disk, [team.join(name)])

beforeEach(async () => {
  platform = new ManualPlatform({ seed: 11 })
  team = new SimulatedNetwork({ platform, network: 'holochain', requirements: ['team'] })
  ;[ada, ben] = await Promise.all([open('ada'), open('ben')])
  space = await openSpaceOf([ada, ben])
  await exchangeAll([ada, ben], space)
  return async () => {
    await Promise.all([ada.runtime.close(), ben.runtime.close()])
  }
})

/** Steps of simulated time; what runs beside it, such as WebCrypto, takes real time on a busy machine. */
const PATIENCE = 20_000

/** Lets time pass, with room for all that it sets off, until the condition holds. */
async function until(condition: () => Promise<boolean>, step = 100): Promise<void> {
  for (let steps = 0; steps < PATIENCE; steps++) {
    if (await condition()) return
    platform.advance(step)
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    await Promise.all([ada.runtime.intake.settled(), ben.runtime.intake.settled()])
  }
  throw new Error('the condition did not come to hold')
}

async function type(replica: Replica, keys: string, from = 0): Promise<readonly EventId[]> {
  const ids: EventId[] = []
  for (const [index, key] of keys.split('').entries()) {
    const at = from + index
    const delta = at === 0 ? [{ insert: key }] : [{ retain: at }, { insert: key }]
    ids.push(await replica.runtime.submitEvent({ path: `${space}/notes/1/text`, op: 'text', delta }))
  }
  return ids
}

const text = (replica: Replica): Promise<unknown> => replica.value(`${space}/notes/1/text`)
const notes = async (replica: Replica): Promise<number> => (await replica.log(space)).filter(({ path }) => path.includes('/notes/')).length
const queued = async (replica: Replica): Promise<number | undefined> => (await replica.runtime.networks())[0]?.queued

describe('what waits for a network that does not order', () => {
  test('goes out as one event once the network is back, and its receipts count for all that it took the places of', async () => {
    team.disconnect('ada')
    const keys = 'the quick brown fox jumps over the lazy dog'
    const ids = await type(ada, keys)
    await ada.restart()
    // With the one that made the space.
    expect(await queued(ada)).toBe(keys.length + 1)
    const reached = ada.runtime.reached(ids[20] ?? '', 'final')
    team.reconnect('ada')
    await until(async () => (await text(ben)) === keys)
    expect(await notes(ben)).toBe(1)
    await until(async () => (await ada.runtime.trace(ids[3] ?? '')).level === 'final')
    await reached
    expect(await ada.runtime.trace(ids[0] ?? '')).toMatchObject({ supersedes: keys.length, deliveries: [{ phase: 'delivered' }] })
    expect(await queued(ada)).toBe(0)
    expect(await ada.runtime.getState(`${space}/notes/1`)).toMatchObject({ state: { pending: [], level: 'final' } })
  })

  test('is merged while something is on its way, and the first keystroke waits for nothing', async () => {
    const keys = 'abcdefghijklmnopqrstuvwxyz'
    for (const [at, key] of keys.split('').entries()) {
      await type(ada, key, at)
      platform.advance(5)
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
    await until(async () => (await text(ben)) === keys)
    expect(await notes(ben)).toBeLessThan(keys.length / 2)
    expect(await ben.fingerprint(space)).toBe(await ada.fingerprint(space))
  })

  test('P1, P2, P4: comes out right when calls are lost, repeated and reordered, and devices start again and again', async () => {
    team.setFaults({ loss: 0.3, duplication: 0.3, reordering: 0.3 })
    let written = ''
    for (let round = 0; round < 8; round++) {
      if (round % 3 === 1) team.disconnect('ada')
      const keys = 'abcdefgh'.slice(0, 2 + (round % 6))
      await type(ada, keys, written.length)
      written += keys
      await ada.runtime.submitEvent({ path: `${space}/cards/${round % 2}/moves`, op: 'add', value: 1 })
      if (round % 2 === 1) await ada.restart()
      team.reconnect('ada')
      for (let steps = 0; steps < round; steps++) {
        platform.advance(40)
        for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
      }
    }
    await until(async () => (await text(ben)) === written && (await queued(ada)) === 0)
    expect(await ben.value(`${space}/cards/1/moves`)).toBe(4)
    expect(await ben.fingerprint(space)).toBe(await ada.fingerprint(space))
  })

  test('P1, P2: a device that was killed after the network had some of them, and before it knew, changes nothing for the others', async () => {
    // With nothing on its way the first keystroke is not merged: what leaves this device is what the copy of its disk holds.
    await until(async () => (await queued(ada)) === 0)
    await type(ada, 'a')
    const before = copyOf(ada.disk)
    await until(async () => (await text(ben)) === 'a')
    await type(ben, '!', 1)
    await ada.runtime.close()
    // A network that tells its past late: this device merges before it hears that some of it got out.
    team.disconnect('ada')
    ada = await open('ada', before)
    await type(ada, 'cd', 1)
    await ada.merge()
    await ada.restart()
    team.reconnect('ada')
    await until(async () => (await ada.fingerprint(space)) === (await ben.fingerprint(space)) && String(await text(ben)).includes('cd'))
    expect((await ada.log(space)).map(({ id }) => id).toSorted()).toEqual((await ben.log(space)).map(({ id }) => id).toSorted())
  })
})
