import { isDeepStrictEqual } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Level } from './model/network.js'
import type { SpaceId } from './model/path.js'
import type { State } from './model/state.js'
import { ManualPlatform } from './testing/manual-platform.js'
import { openSpaceOf, Replica } from './testing/replicas.js'
import { SimulatedNetwork } from './testing/simulated-network.js'

/** Whole runtimes on simulated networks: what an application would see of real ones. */
let platform: ManualPlatform
let team: SimulatedNetwork
let chain: SimulatedNetwork
let ada: Replica
let ben: Replica
let space: SpaceId

beforeEach(async () => {
  platform = new ManualPlatform({ seed: 11 })
  team = new SimulatedNetwork({ platform, network: 'holochain', requirements: ['team'] })
  chain = new SimulatedNetwork({ platform, network: 'solana', requirements: ['consensus'], ordering: 'total' })
  const open = (name: string): Promise<Replica> => Replica.open(platform, undefined, [team.join(name), chain.join(name)])
  ;[ada, ben] = await Promise.all([open('ada'), open('ben')])
  space = await openSpaceOf([ada, ben])
  return async () => {
    await Promise.all([ada.runtime.close(), ben.runtime.close()])
  }
})

/** Lets time pass, with room for all that it sets off, until the condition holds. */
async function until(condition: () => Promise<boolean>, step = 250): Promise<void> {
  for (let steps = 0; steps < 600; steps++) {
    if (await condition()) return
    platform.advance(step)
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    await Promise.all([ada.runtime.intake.settled(), ben.runtime.intake.settled()])
  }
  throw new Error(`the condition did not come to hold in ${(600 * step) / 1000} simulated seconds`)
}

async function stateOf(replica: Replica, path: string): Promise<State> {
  const answer = await replica.runtime.getState(path)
  if (answer.kind !== 'state') throw new Error('above documents')
  return answer.state
}

async function has(replica: Replica, path: string, value: unknown): Promise<boolean> {
  return isDeepStrictEqual((await stateOf(replica, path)).value, value)
}

describe('a team', () => {
  test('sees what each of them does, and how far it got', async () => {
    const path = `${space}/tasks/1`
    const id = await ada.runtime.submitEvent({ path, op: 'put', value: { title: 'one' } })
    await until(() => has(ben, path, { title: 'one' }))
    await ben.runtime.submitEvent({ path, op: 'patch', value: { done: true } })
    await until(() => has(ada, path, { title: 'one', done: true }))
    await until(async () => (await ada.runtime.trace(id)).level !== 'local')
    const trace = await ada.runtime.trace(id)
    expect(trace.deliveries).toMatchObject([{ network: 'holochain', phase: 'delivered' }])
    expect(trace.decision?.legs).toMatchObject([{ requirement: 'team', network: 'holochain' }])
  })

  test('cut apart works on, queues, and comes together byte for byte', async () => {
    const path = `${space}/tasks/1`
    await ada.runtime.submitEvent({ path, op: 'put', value: { n: 0 } })
    await until(() => has(ben, path, { n: 0 }))
    team.partition(['ada'], ['ben'])
    await Promise.all([ada, ben].map((replica) => replica.runtime.submitEvent({ path: `${path}/n`, op: 'add', value: 1 })))
    expect(await has(ada, path, { n: 1 })).toBe(true)
    await ada.restart()
    team.heal()
    await until(async () => (await has(ada, path, { n: 2 })) && (await has(ben, path, { n: 2 })))
    expect(await ada.fingerprint(space)).toBe(await ben.fingerprint(space))
  })
})

describe('consensus', () => {
  const path = (): string => `${space}/claims/1`
  const claim = (replica: Replica, by: string): Promise<string> =>
    replica.runtime.submitEvent({ path: path(), op: 'put', value: { by }, requires: 'consensus', expect: [] })

  test('of two who claim one thing at once, one wins on both devices, and the other is told', async () => {
    await until(() => Promise.resolve(true))
    const [first, second] = await Promise.all([claim(ada, 'ada'), claim(ben, 'ben')])
    const standings = async (): Promise<string[]> => {
      const traces = await Promise.all([ada.runtime.trace(first), ben.runtime.trace(second)])
      return traces.map(({ standing }) => standing.kind).sort()
    }
    await until(async () => JSON.stringify(await standings()) === JSON.stringify(['applied', 'rejected']))
    await until(async () => isDeepStrictEqual((await stateOf(ada, path())).value, (await stateOf(ben, path())).value))
    const traces = await Promise.all([ada.runtime.trace(first), ben.runtime.trace(second)])
    const [winner, loser, told] = traces[0].standing.kind === 'applied' ? [...traces, ben] : [traces[1], traces[0], ada]
    expect(loser.standing).toMatchObject({ kind: 'rejected', code: 'CONFLICT', winner: winner.id })
    await expect(told.runtime.reached(loser.id, 'final')).rejects.toMatchObject({ code: 'CONFLICT', context: { winner: winner.id } })
  })

  test('P5: a level is what the chain gave, and is taken back with its slot', async () => {
    const id = await claim(ada, 'ada')
    const levels = new Set<Level>([(await stateOf(ada, path())).level])
    expect([...levels]).toEqual(['local'])
    const pulls: Promise<void>[] = []
    await until(async () => {
      const { level } = await stateOf(ada, path())
      levels.add(level)
      if (level === 'shared' || level === 'confirmed') return true
      pulls.push(ada.runtime.syncNetworks())
      return false
    }, 25)
    chain.rollBack(2)
    await until(async () => (await stateOf(ada, path())).level === 'local')
    expect((await ada.runtime.trace(id)).receipts).toEqual([])
    await until(async () => (await stateOf(ada, path())).level === 'final')
    await Promise.all(pulls)
    await ada.runtime.reached(id, 'final')
    expect((await ada.log(space)).filter((event) => event.id === id)).toHaveLength(1)
  })
})

describe('a network that was exchanged', () => {
  const level = async (replica: Replica, path: string): Promise<Level> => (await stateOf(replica, path)).level

  test('P5: takes back every level that it gave, on every device, and is offered everything again', async () => {
    const path = `${space}/claims/1`
    const ids = [
      await ada.runtime.submitEvent({ path, op: 'put', value: { by: 'ada' }, requires: 'consensus' }),
      await ada.runtime.submitEvent({ path, op: 'patch', value: { note: 'mine' }, requires: 'consensus' }),
    ]
    await until(async () => (await level(ada, path)) === 'final' && (await level(ben, path)) === 'final')
    await ben.runtime.submitEvent({ path: `${space}/tasks/1`, op: 'put', value: 1 })
    await until(async () => (await level(ben, `${space}/tasks/1`)) === 'final')
    chain.partition(['ada'], ['ben'])
    chain.disconnect('ada')
    chain.exchange()
    chain.heal()
    // The one who did not send it waits until it is on the new chain.
    await until(async () => (await level(ben, path)) === 'local')
    expect((await stateOf(ben, path)).value).toEqual({ by: 'ada', note: 'mine' })
    expect(await level(ben, `${space}/tasks/1`)).toBe('final')
    chain.reconnect('ada')
    await until(async () => (await level(ada, path)) === 'local', 25)
    expect((await ada.runtime.trace(ids[0] ?? '')).receipts.filter(({ network }) => network === 'solana')).toEqual([])
    await until(async () => (await level(ada, path)) === 'final' && (await level(ben, path)) === 'final')
    expect(await ada.fingerprint(space)).toBe(await ben.fingerprint(space))
    for (const id of ids) expect((await ada.runtime.trace(id)).deliveries).toMatchObject([{ network: 'solana', phase: 'delivered' }])
    expect((await ada.runtime.networks()).find(({ network }) => network === 'solana')).toMatchObject({ queued: 0, delivered: 2 })
    expect((await ada.log(space)).filter((event) => ids.includes(event.id))).toHaveLength(2)
  })

  test('P5: takes back hundreds of levels, in pieces', async () => {
    const paths = Array.from({ length: 26 }, (_, name) => `${space}/claims/${name}`)
    const events = Array.from({ length: 260 }, (_, index) => ({ path: `${paths[index % 26]}/n${index}`, op: 'put' as const, value: index }))
    const ids = await ada.runtime.submitEvents(events.map((event) => ({ ...event, requires: 'consensus' as const })))
    // A document has the lowest level among its events.
    const all = async (replica: Replica, wanted: Level): Promise<boolean> =>
      (await Promise.all(paths.map((path) => level(replica, path)))).every((one) => one === wanted)
    await until(async () => (await all(ada, 'final')) && (await all(ben, 'final')), 1_000)
    chain.disconnect('ada')
    chain.exchange()
    await until(() => all(ben, 'local'), 1_000)
    for (const id of ids) expect((await ben.runtime.trace(id)).receipts).toEqual([])
    chain.reconnect('ada')
    await until(async () => (await all(ada, 'final')) && (await all(ben, 'final')), 1_000)
    expect((await ada.runtime.networks()).find(({ network }) => network === 'solana')).toMatchObject({ queued: 0, delivered: 260 })
  })
})

test('a network that is away is said to be, with how many wait', async () => {
  const alone = await Replica.open(platform)
  const own = await alone.runtime.createSpace({ name: 'Own' })
  const id = await alone.runtime.submitEvent({ path: `${own.id}/tasks/1`, op: 'put', value: 1 })
  const reports = await alone.runtime.networks()
  expect(reports.find(({ network }) => network === 'holochain')).toMatchObject({ state: 'not-connected', queued: 2 })
  expect((await alone.runtime.trace(id)).deliveries).toMatchObject([{ network: 'holochain', phase: 'queued' }])
  const local = await alone.runtime.submitEvent({ path: 'me/tasks/1', op: 'put', value: 1 })
  expect((await alone.runtime.trace(local)).deliveries).toMatchObject([{ network: 'local', phase: 'delivered' }])
  await expect(alone.runtime.reached(local, 'sent')).rejects.toMatchObject({ code: 'LEVEL_UNREACHABLE' })
  await alone.restart()
  expect((await alone.runtime.networks()).find(({ network }) => network === 'holochain')).toMatchObject({ queued: 2 })
  await alone.runtime.close()
})
