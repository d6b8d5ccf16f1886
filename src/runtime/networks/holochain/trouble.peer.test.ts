import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasPrograms } from '../../../devnet/binaries.js'
import type { RuntimeClient } from '../../runtime-client.js'
import type { WantedSpace } from './endpoint.js'
import { batchesIn, eventsOf } from './test/look-inside.js'
import { holochainOf, MINUTES, nameOf, until, WholeDevices } from './test/whole-devices.js'

const ROUNDS = 4
const EVENTS = 15
/** Longer than a call's patience, so that the runtime gives up on calls that the conductor still has before it. */
const FROZEN = 40_000

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

describe.skipIf(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv']))('conductors that are killed, stand still or lose their data', () => {
  let devices: WholeDevices
  let ada: RuntimeClient
  let ben: RuntimeClient
  let space: string
  let cell: WantedSpace | undefined

  beforeAll(async () => {
    devices = await WholeDevices.start({ onCell: (_, wanted) => (cell = wanted) })
    const team = await devices.team(['ada', 'ben'])
    space = team.space
    ;[ada = expect.fail(), ben = expect.fail()] = team.devices
  }, 5 * MINUTES)
  afterAll(() => devices?.close())

  const inside = async (device: RuntimeClient) =>
    batchesIn(devices.devnet, await nameOf(device), cell ?? expect.fail('no cell was asked for'))
  const put = (device: RuntimeClient, name: string): Promise<string> =>
    device.submitEvent({ path: `${space}/tasks/${name}`, op: 'put', value: { title: name } })
  const has = async (device: RuntimeClient, id: string): Promise<boolean> =>
    (await device.events({ limit: 1000 })).filter((event) => event.id === id).length === 1

  const settled = (): Promise<void> => until(async () => expect(await holochainOf(ada)).toMatchObject({ state: 'connected', queued: 0 }))

  test('killed in the middle of publishing: nothing is lost, and nothing is there twice', { timeout: 8 * MINUTES }, async () => {
    const name = await nameOf(ada)
    const ids: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const killing = pause(Math.random() * 400).then(() => devices.devnet.kill(name))
      for (let number = 0; number < EVENTS; number++) {
        ids.push(await put(ada, `${round}-${number}`))
        await pause(Math.random() * 50)
      }
      await killing
    }
    await until(async () => expect(await Promise.all(ids.map((id) => has(ben, id)))).toEqual(ids.map(() => true)))
    await settled()
    // What is written is there for a pull as soon as the node has taken it into its own part of the DHT.
    await until(async () => {
      const [here, there] = [eventsOf(await inside(ada)), eventsOf(await inside(ben))]
      expect(here.length).toBeGreaterThanOrEqual(ids.length)
      expect(new Set(here).size).toBe(here.length)
      expect(there.toSorted()).toEqual(here.toSorted())
    })
  })

  test('calls that timed out are not made again before it is known what became of them', { timeout: 6 * MINUTES }, async () => {
    const name = await nameOf(ada)
    const before = eventsOf(await inside(ada))
    await devices.devnet.freeze(name)
    const ids = [await put(ada, 'frozen-1'), await put(ada, 'frozen-2')]
    await pause(FROZEN)
    const report = await holochainOf(ada)
    expect(report).toMatchObject({ state: 'away', queued: 2, reason: expect.stringMatching(/again/) })
    await devices.devnet.thaw(name)
    await settled()
    await until(async () => expect(await Promise.all(ids.map((id) => has(ben, id)))).toEqual([true, true]))
    await until(async () => {
      const events = eventsOf(await inside(ada))
      expect(events).toHaveLength(before.length + ids.length)
      expect(new Set(events).size).toBe(events.length)
    })
    await pause(2_000)
    expect(eventsOf(await inside(ada))).toHaveLength(before.length + ids.length)
  })

  test('P5: one that lost its data: levels go back, and what it had taken is published again', { timeout: 8 * MINUTES }, async () => {
    const [name, other] = [await nameOf(ada), await nameOf(ben)]
    const id = await put(ada, 'kept')
    await ada.reached(id, 'final', { signal: AbortSignal.timeout(3 * MINUTES) })
    // Nobody else is there, who could hold it.
    await devices.devnet.offline(other)
    const levels: string[] = []
    const watching = new AbortController()
    const watched = (async () => {
      for await (const state of ada.watchState(`${space}/tasks/kept`, { signal: watching.signal })) levels.push(state.level)
    })().catch(() => undefined)
    await devices.devnet.wipe(name)
    await until(async () => expect(levels).toContain('local'))
    await until(async () => expect((await ada.getState(`${space}/tasks/kept`)).level).toBe('sent'))
    watching.abort()
    await watched
    expect((await ada.getState(`${space}/tasks/kept`)).value).toEqual({ title: 'kept' })
    expect(levels[0]).toBe('final')
    devices.devnet.online(other)
    await until(async () => expect(await has(ben, id)).toBe(true))
  })
})
