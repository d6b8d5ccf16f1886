import { expect, test } from 'vitest'
import { ManualPlatform } from '../testing/manual-platform.js'
import { turnsOf } from './turns.js'

test('work of a moment, or of few steps, goes on without a turn', () => {
  const platform = new ManualPlatform()
  const many = turnsOf(platform)
  for (let step = 0; step < 1000; step++) expect(many()).toBeUndefined()
  const few = turnsOf(platform)
  platform.advance(10_000)
  for (let step = 0; step < 63; step++) expect(few()).toBeUndefined()
  expect(platform.timers).toBe(0)
})

test('long work waits for a turn, and then has another stretch to itself', async () => {
  const platform = new ManualPlatform()
  const turns = turnsOf(platform)
  platform.advance(200)
  const waits = Array.from({ length: 64 }, () => turns()).flatMap((wait) => wait ?? [])
  expect(waits).toHaveLength(1)
  platform.advance(0)
  await expect(Promise.all(waits)).resolves.toHaveLength(1)
  for (let step = 0; step < 128; step++) expect(turns()).toBeUndefined()
})
