import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasPrograms } from '../../../devnet/binaries.js'
import type { RuntimeClient } from '../../runtime-client.js'
import { MINUTES, nameOf, until, WholeDevices } from './test/whole-devices.js'

describe.skipIf(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv']))('a conductor that lost its data', () => {
  let devices: WholeDevices
  let ada: RuntimeClient
  let ben: RuntimeClient
  let space: string

  beforeAll(async () => {
    devices = await WholeDevices.start()
    const team = await devices.team(['ada', 'ben'])
    space = team.space
    ;[ada = expect.fail(), ben = expect.fail()] = team.devices
  }, 5 * MINUTES)
  afterAll(() => devices?.close())

  test('P5: levels go back, and what it had taken is published again', { timeout: 8 * MINUTES }, async () => {
    const [name, other] = [await nameOf(ada), await nameOf(ben)]
    const id = await ada.submitEvent({ path: `${space}/tasks/kept`, op: 'put', value: { title: 'kept' } })
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
    await until(async () => expect((await ben.getState(`${space}/tasks/kept`)).heads).toEqual([id]))
  })
})
