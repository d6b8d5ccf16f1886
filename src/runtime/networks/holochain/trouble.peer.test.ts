import { describe, expect, test } from 'vitest'
import type { RuntimeClient } from '../../runtime-client.js'
import { eventsOf } from './test/look-inside.js'
import { hasConductors, startTeam } from './test/started-team.js'
import { holochainOf, MINUTES, until } from './test/whole-devices.js'

const ROUNDS = 4
const EVENTS = 15
/** Longer than a call's patience, so that the runtime gives up on calls that the conductor still has before it. */
const FROZEN = 40_000

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

describe.skipIf(!hasConductors)('conductors that are killed or stand still', () => {
  const team = startTeam('ada', 'ben')
  const inside = async (device: string): Promise<readonly string[]> => eventsOf(await team.batches(device))
  const put = (name: string): Promise<string> =>
    team.device('ada').submitEvent({ path: `${team.space()}/tasks/${name}`, op: 'put', value: { title: name } })
  const has = async (device: RuntimeClient, id: string): Promise<boolean> =>
    (await device.events({ limit: 1000 })).filter((event) => event.id === id).length === 1

  const settled = (): Promise<void> =>
    until(async () => expect(await holochainOf(team.device('ada'))).toMatchObject({ state: 'connected', queued: 0 }))

  test('killed in the middle of publishing: nothing is lost, and nothing is there twice', { timeout: 8 * MINUTES }, async () => {
    const name = await team.name('ada')
    const ids: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const killing = pause(Math.random() * 400).then(() => team.all().devnet.kill(name))
      for (let number = 0; number < EVENTS; number++) {
        ids.push(await put(`${round}-${number}`))
        await pause(Math.random() * 50)
      }
      await killing
    }
    await until(async () => expect(await Promise.all(ids.map((id) => has(team.device('ben'), id)))).toEqual(ids.map(() => true)))
    await settled()
    // What is written is there for a pull as soon as the node has taken it into its own part of the DHT.
    await until(async () => {
      const [here, there] = [await inside('ada'), await inside('ben')]
      expect(here.length).toBeGreaterThanOrEqual(ids.length)
      expect(new Set(here).size).toBe(here.length)
      expect(there.toSorted()).toEqual(here.toSorted())
    })
  })

  test('calls that timed out are not made again before it is known what became of them', { timeout: 6 * MINUTES }, async () => {
    const name = await team.name('ada')
    const before = await inside('ada')
    await team.all().devnet.freeze(name)
    const ids = [await put('frozen-1'), await put('frozen-2')]
    await pause(FROZEN)
    const report = await holochainOf(team.device('ada'))
    expect(report).toMatchObject({ state: 'away', queued: 2, reason: expect.stringMatching(/again/) })
    await team.all().devnet.thaw(name)
    await settled()
    await until(async () => expect(await Promise.all(ids.map((id) => has(team.device('ben'), id)))).toEqual([true, true]))
    await until(async () => {
      const events = await inside('ada')
      expect(events).toHaveLength(before.length + ids.length)
      expect(new Set(events).size).toBe(events.length)
    })
    await pause(2_000)
    expect(await inside('ada')).toHaveLength(before.length + ids.length)
  })
})
