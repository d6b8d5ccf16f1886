import { expect, test } from 'vitest'
import { ManualPlatform } from '../../testing/manual-platform.js'
import { Looks } from './looks.js'

/** Milliseconds from the start to each look; every look is a pull that ends at once. */
async function looksIn(milliseconds: number, act: (looks: Looks) => void, open: () => boolean): Promise<readonly number[]> {
  const platform = new ManualPlatform({ seed: 1 })
  const start = platform.monotonic()
  const times: number[] = []
  const looks = new Looks(platform, () => {
    times.push(platform.monotonic() - start)
    looks.pulled(open())
  })
  act(looks)
  await platform.pass(milliseconds)
  looks.stop()
  await platform.pass(milliseconds)
  return times
}

test('own batches are asked after ever more seldom, until they are final', async () => {
  expect(
    await looksIn(
      200_000,
      (looks) => looks.published(),
      () => true,
    ),
  ).toEqual([1, 3, 7, 15, 31, 63, 123, 183].map((seconds) => seconds * 1_000))
  expect(
    await looksIn(
      200_000,
      (looks) => looks.published(),
      () => false,
    ),
  ).toEqual([1_000])
})

test('what was announced is looked for at once and for some seconds, and then no more', async () => {
  const found = await looksIn(
    60_000,
    (looks) => looks.announced(),
    () => false,
  )
  expect(found).toEqual([200, 600, 1_400, 3_000, 6_200, 12_600])
})

test('after what was announced, own batches are asked after from the start again', async () => {
  const found = await looksIn(
    30_000,
    (looks) => {
      looks.published()
      looks.announced()
    },
    () => true,
  )
  expect(found).toEqual([200, 600, 1_400, 3_000, 6_200, 12_600, 13_600, 15_600, 19_600, 27_600])
})

test('an announcement comes before a look that was far away', async () => {
  const found = await looksIn(
    5_000,
    (looks) => {
      looks.published()
      looks.announced()
    },
    () => false,
  )
  expect(found[0]).toBe(200)
})
