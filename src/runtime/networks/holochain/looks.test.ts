import { expect, test } from 'vitest'
import type { SpaceReference } from '../../model/event.js'
import { ManualPlatform } from '../../testing/manual-platform.js'
import { Looks } from './looks.js'
import type { Mark } from './zome-calls.js'

const SPACE = 'space' as SpaceReference
const [ADA, BEN] = [new Uint8Array(39).fill(1), new Uint8Array(39).fill(2)]
const SLOW = [200, 600, 1_400, 3_000, 6_200, 12_600]

interface World {
  readonly open?: boolean
  /** How far a pull gets that ends so many milliseconds after the start. */
  readonly marks?: (at: number) => readonly Mark[]
}

/** Milliseconds from the start to each look; every look is a pull that ends at once. */
async function looksIn(
  milliseconds: number,
  { open = false, marks = () => [] }: World,
  act: (looks: Looks) => void,
): Promise<readonly number[]> {
  const platform = new ManualPlatform({ seed: 1 })
  const start = platform.monotonic()
  const times: number[] = []
  const looks = new Looks(platform, () => {
    const at = platform.monotonic() - start
    times.push(at)
    looks.pulled(open, new Map([[SPACE, marks(at)]]))
  })
  act(looks)
  await platform.pass(milliseconds)
  looks.stop()
  await platform.pass(milliseconds)
  return times
}

test('own batches are asked after ever more seldom, until they are final', async () => {
  const looks = (open: boolean) => looksIn(200_000, { open }, (one) => one.published())
  expect(await looks(true)).toEqual([1, 3, 7, 15, 31, 63, 123, 183].map((seconds) => seconds * 1_000))
  expect(await looks(false)).toEqual([1_000])
})

test('what was announced without a number is looked for at once and for some seconds, and then no more', async () => {
  expect(await looksIn(60_000, {}, (looks) => looks.announced())).toEqual(SLOW)
})

test('a batch that was announced is looked for often, then seldom, and then no more', async () => {
  const found = await looksIn(60_000, {}, (looks) => looks.announced({ space: SPACE, agent: ADA, number: 3 }))
  expect(found).toEqual([...Array.from({ length: 12 }, (_, index) => 200 * (index + 1)), ...SLOW.map((after) => 2_400 + after)])
})

test.each<readonly [string, readonly Mark[]]>([
  ['in its turn', [{ agent: ADA, next: 4, above: [] }]],
  ['before one that is missing', [{ agent: ADA, next: 1, above: [3] }]],
])('a batch that has come, %s, is not looked for again', async (_, marks) => {
  const world: World = { marks: (at) => (at < 600 ? [{ agent: ADA, next: 3, above: [] }] : marks) }
  expect(await looksIn(60_000, world, (looks) => looks.announced({ space: SPACE, agent: ADA, number: 3 }))).toEqual([200, 400, 600])
})

test('of two batches the search goes on until both have come', async () => {
  const world: World = {
    marks: (at) => [
      { agent: ADA, next: at < 400 ? 3 : 4, above: [] },
      { agent: BEN, next: at < 800 ? 3 : 4, above: [] },
    ],
  }
  const found = await looksIn(60_000, world, (looks) => {
    looks.announced({ space: SPACE, agent: ADA, number: 3 })
    looks.announced({ space: SPACE, agent: BEN, number: 3 })
  })
  expect(found).toEqual([200, 400, 600, 800])
})

test('what was announced without a number is looked for when the batches with one have come', async () => {
  const world: World = { marks: () => [{ agent: ADA, next: 4, above: [] }] }
  const found = await looksIn(60_000, world, (looks) => {
    looks.announced()
    looks.announced({ space: SPACE, agent: ADA, number: 3 })
  })
  expect(found).toEqual([200, ...SLOW.map((after) => 200 + after)])
})

test('after what was announced, own batches are asked after from the start again', async () => {
  const found = await looksIn(30_000, { open: true }, (looks) => {
    looks.published()
    looks.announced()
  })
  expect(found).toEqual([...SLOW, 13_600, 15_600, 19_600, 27_600])
})

test('once what was announced has come, own batches are asked after from the start again', async () => {
  const world: World = { open: true, marks: () => [{ agent: ADA, next: 4, above: [] }] }
  const found = await looksIn(8_000, world, (looks) => looks.announced({ space: SPACE, agent: ADA, number: 3 }))
  expect(found).toEqual([200, 1_200, 3_200, 7_200])
})

test('an announcement comes before a look that was far away', async () => {
  const found = await looksIn(5_000, {}, (looks) => {
    looks.published()
    looks.announced()
  })
  expect(found[0]).toBe(200)
})
