import { describe, expect, test } from 'vitest'
import { hasConductors, startDevices } from './test/started-team.js'
import { MINUTES, PATIENCE, until } from './test/whole-devices.js'

describe.skipIf(!hasConductors)('members who come late', () => {
  const devices = startDevices()

  test(
    'what was published while nobody was there is held by who comes later, and its author learns of it',
    { timeout: 6 * MINUTES },
    async () => {
      const ada = await devices().open('ada')
      const { id: space } = await ada.createSpace({ name: 'House' })
      const ids = await ada.submitEvents([1, 2, 3].map((number) => ({ path: `${space}/tasks/${number}`, op: 'put', value: { number } })))
      const last = ids.at(-1) ?? expect.fail('nothing was submitted')
      await ada.reached(last, 'sent', { signal: AbortSignal.timeout(PATIENCE.timeout) })
      expect((await ada.getState(`${space}/tasks/3`)).level).toBe('sent')

      const ben = await devices().open('ben')
      await ben.joinSpace(await ada.invite(space))
      await until(async () => expect((await ben.getState(`${space}/tasks/3`)).value).toEqual({ number: 3 }))
      await ada.reached(last, 'final', { signal: AbortSignal.timeout(PATIENCE.timeout) })
    },
  )
})
