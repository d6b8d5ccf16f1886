import { expect, test } from 'vitest'
import type { EventId } from './model/event.js'
import type { Level } from './model/network.js'
import type { Trace } from './model/trace.js'
import { Reaching } from './reaching.js'
import { turn } from './testing/manual-platform.js'

const nameOf = (index: number): string =>
  `bafyrei${'a'.repeat(50)}${String.fromCharCode(97 + Math.floor(index / 20))}${String.fromCharCode(97 + (index % 20))}`

test('however much happens, those who wait are looked at in rounds, and the last one sees how it ended', async () => {
  const waiting = 50
  const happenings = 200
  let level: Level = 'local'
  let looks = 0
  const reaching = new Reaching({
    trace: async (id) => {
      looks++
      await turn()
      return { id: id as EventId, level, standing: { kind: 'applied' } } as Trace
    },
    standingOf: () => Promise.resolve({ kind: 'applied' }),
    hopeless: () => undefined,
  })
  const reached = Array.from({ length: waiting }, (_, index) => reaching.reached(nameOf(index), 'confirmed'))
  for (let index = 0; index < happenings; index++) {
    reaching.lookAgain()
    if (index % 10 === 0) await turn()
  }
  level = 'confirmed'
  reaching.lookAgain()
  await Promise.all(reached)
  expect(looks).toBeLessThan(waiting * 10)
})
