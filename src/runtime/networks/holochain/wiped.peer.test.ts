import { describe, expect, test } from 'vitest'
import { hasConductors, startTeam } from './test/started-team.js'
import { MINUTES, until } from './test/whole-devices.js'

describe.skipIf(!hasConductors)('a conductor that lost its data', () => {
  const team = startTeam('ada', 'ben')

  test('P5: levels go back, and what it had taken is published again', { timeout: 8 * MINUTES }, async () => {
    const [ada, ben, space] = [team.device('ada'), team.device('ben'), team.space()]
    const [name, other] = [await team.name('ada'), await team.name('ben')]
    const { devnet } = team.all()
    const id = await ada.submitEvent({ path: `${space}/tasks/kept`, op: 'put', value: { title: 'kept' } })
    await ada.reached(id, 'final', { signal: AbortSignal.timeout(3 * MINUTES) })
    // Nobody else is there, who could hold it.
    await devnet.offline(other)
    const levels: string[] = []
    const watching = new AbortController()
    const watched = (async () => {
      for await (const state of ada.watchState(`${space}/tasks/kept`, { signal: watching.signal })) levels.push(state.level)
    })().catch(() => undefined)
    await devnet.wipe(name)
    await until(async () => expect(levels).toContain('local'))
    await until(async () => expect((await ada.getState(`${space}/tasks/kept`)).level).toBe('sent'))
    watching.abort()
    await watched
    expect((await ada.getState(`${space}/tasks/kept`)).value).toEqual({ title: 'kept' })
    expect(levels[0]).toBe('final')
    devnet.online(other)
    await until(async () => expect((await ben.getState(`${space}/tasks/kept`)).heads).toEqual([id]))
  })
})
