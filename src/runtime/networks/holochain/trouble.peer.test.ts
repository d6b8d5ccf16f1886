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

describe.skipIf(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv']))('conductors that are killed or stand still', () => {
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
})
