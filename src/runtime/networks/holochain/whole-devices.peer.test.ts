import { describe, expect, test } from 'vitest'
import { hasConductors, startTeam } from './test/started-team.js'
import { MINUTES, PATIENCE, until } from './test/whole-devices.js'

describe.skipIf(!hasConductors)('whole devices on real conductors', () => {
  const team = startTeam('ada', 'ben')

  test('what one device submits another reads, at the level that the network gave', { timeout: 7 * MINUTES }, async () => {
    const [ada, ben, path] = [team.device('ada'), team.device('ben'), `${team.space()}/tasks/1`]
    const id = await ada.submitEvent({ path, op: 'put', value: { title: 'Order the timber' } })
    await until(async () => expect((await ben.getState(path)).value).toEqual({ title: 'Order the timber' }))
    await ben.reached(id, 'shared', { signal: AbortSignal.timeout(PATIENCE.timeout) })
  })
})
