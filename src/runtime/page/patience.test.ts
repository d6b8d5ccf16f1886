import { expect, test } from 'vitest'
import type { Platform } from '../platform/platform.js'
import { ManualPlatform } from '../testing/manual-platform.js'
import { Patience } from './patience.js'

const never = (): Promise<void> => new Promise(() => undefined)

test('the bound doubles with each host that was given up, up to 30 s, and is the first one again after a minute', () => {
  const platform = new ManualPlatform()
  const patience = new Patience(platform)
  const bounds = Array.from({ length: 8 }, () => {
    const { bound } = patience
    patience.lost()
    return bound
  })
  expect(bounds).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000])
  platform.advance(60_000)
  expect(patience.bound).toBe(30_000)
  platform.advance(1)
  expect(patience.bound).toBe(800)
})

test('an answer within the bound counts, silence does not', async () => {
  const platform = new ManualPlatform()
  const patience = new Patience(platform)
  let answer = (): void => undefined
  const answered = patience.answered(() => new Promise((resolve) => (answer = resolve)))
  platform.advance(799)
  answer()
  expect(await answered).toBe(true)
  const silent = patience.answered(never)
  platform.advance(800)
  expect(await silent).toBe(false)
})

test('a page that stood still itself asks again before it gives a host up', async () => {
  let now = 0
  let wake = (): void => undefined
  const manual = new ManualPlatform()
  const platform: Platform = {
    now: () => now,
    monotonic: () => now,
    randomBytes: (length) => manual.randomBytes(length),
    after: (_milliseconds, callback) => {
      wake = callback
      return () => undefined
    },
  }
  const patience = new Patience(platform)
  let asked = 0
  const answered = patience.answered(() => (++asked === 1 ? never() : Promise.resolve()))
  // Frozen: the timer fires long after its time.
  now = 10_000
  wake()
  expect(await answered).toBe(true)
  expect(asked).toBe(2)
})

test('a page whose timers are always late, because it is hidden, gives up a silent host all the same', async () => {
  const manual = new ManualPlatform()
  let now = 0
  const platform: Platform = {
    now: () => now,
    monotonic: () => now,
    randomBytes: (length) => manual.randomBytes(length),
    after: (_milliseconds, callback) => {
      queueMicrotask(() => {
        now += 60_000
        callback()
      })
      return () => undefined
    },
  }
  expect(await new Patience(platform).answered(never)).toBe(false)
})
