import { describe, expect, test } from 'vitest'
import { computeEventId } from '../../codec/event-id.js'
import { hasConductors, startTeam } from './test/started-team.js'
import { holochainOf, MINUTES, until } from './test/whole-devices.js'

const MANY = 600

describe.skipIf(!hasConductors)('a conductor that lost its data', () => {
  const team = startTeam('ada', 'ben')

  test('P5: levels go back, and what it had taken is published again', { timeout: 8 * MINUTES }, async () => {
    const [ada, ben, space] = [team.device('ada'), team.device('ben'), team.space()]
    const [name, other] = [await team.name('ada'), await team.name('ben')]
    const { devnet } = team.all()
    const id = await ada.submitEvent({ path: `${space}/tasks/kept`, op: 'put', value: { title: 'kept' } })
    // More than are taken back at once.
    const inputs = Array.from({ length: MANY }, (_, number) => ({ path: `${space}/many/${number}`, op: 'put' as const, value: { number } }))
    const many = await ada.submitEvents(inputs)
    for (const one of [id, many.at(-1) ?? id]) await ada.reached(one, 'final', { signal: AbortSignal.timeout(3 * MINUTES) })
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
    await until(async () => expect(await holochainOf(ada)).toMatchObject({ state: 'connected', queued: 0 }))
    const published = (await team.batches('ada')).flatMap(({ batch }) => batch.events)
    const ids = await Promise.all(published.map((bytes) => computeEventId(new Uint8Array(bytes))))
    expect(ids).toEqual(expect.arrayContaining([id, ...many]))
    expect(new Set(ids).size).toBe(ids.length)
    watching.abort()
    await watched
    expect((await ada.getState(`${space}/tasks/kept`)).value).toEqual({ title: 'kept' })
    expect(levels[0]).toBe('final')
    devnet.online(other)
    await until(async () => expect((await ben.getState(`${space}/tasks/kept`)).heads).toEqual([id]))
  })
})
