import { describe, expect, test } from 'vitest'
import { hasConductors, startTeam } from './test/started-team.js'
import { holochainOf, MINUTES, PATIENCE, until } from './test/whole-devices.js'

describe.skipIf(!hasConductors)('whole devices on real conductors', () => {
  const team = startTeam('ada', 'ben')

  test('what one device submits another reads, at the level that the network gave', { timeout: 7 * MINUTES }, async () => {
    const [ada, ben, path] = [team.device('ada'), team.device('ben'), `${team.space()}/tasks/1`]
    const id = await ada.submitEvent({ path, op: 'put', value: { title: 'Order the timber' } })
    await until(async () => expect((await ben.getState(path)).value).toEqual({ title: 'Order the timber' }))
    await ben.reached(id, 'shared', { signal: AbortSignal.timeout(PATIENCE.timeout) })
  })

  test(
    'a thousand keystrokes without a conductor go out as a handful of events once it is back, and the text is the same',
    { timeout: 7 * MINUTES },
    async () => {
      const [ada, ben, path] = [team.device('ada'), team.device('ben'), `${team.space()}/notes/1`]
      await ada.submitEvent({ path, op: 'put', value: { text: '' } })
      await until(async () => expect((await ben.getState(`${path}/text`)).value).toBe(''))
      const [devnet, name] = [team.all().devnet, await team.name('ada')]
      await devnet.offline(name)
      await until(async () => expect((await holochainOf(ada)).state).not.toBe('connected'))
      const keys = Array.from({ length: 1_000 }, (_, at) => String.fromCharCode(97 + (at % 26)))
      const ids: string[] = []
      for (const [at, key] of keys.entries())
        ids.push(
          await ada.submitEvent({
            path: `${path}/text`,
            op: 'text',
            delta: at === 0 ? [{ insert: key }] : [{ retain: at }, { insert: key }],
          }),
        )
      devnet.online(name)
      const text = keys.join('')
      await until(async () => expect((await ben.getState(`${path}/text`)).value).toBe(text))
      expect((await ada.getState(`${path}/text`)).value).toBe(text)
      const [sent, got] = [await ada.events({ under: path, limit: 1_000 }), await ben.events({ under: path, limit: 1_000 })]
      process.stdout.write(`1,000 keystrokes: ${got.length} events, ${got.reduce((sum, { bytes }) => sum + bytes, 0)} bytes\n`)
      expect(got.length).toBeLessThan(10)
      expect(got.map(({ id }) => id).toSorted()).toEqual(sent.map(({ id }) => id).toSorted())
      await ada.reached(ids[500] ?? '', 'shared', { signal: AbortSignal.timeout(PATIENCE.timeout) })
    },
  )
})
