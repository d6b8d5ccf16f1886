import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import { launchKillable } from '../fixtures/kill.js'
import type { Acknowledged, Logged } from './page/embedding-app.js'
import { expect, test } from './runtime-page.js'
import { openBarePage } from './stored-data.js'
import { readStoredLog } from './stored-log.js'

const KILLS = 20
const SEED = Number(process.env['PROMISE_SEED'] ?? Date.now() % 100_000)

/** Mulberry32: the moments of the kills are a function of the seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

test(`P1: what was acknowledged survives ${KILLS} kills of the whole browser, once each`, async ({ profile, appUrl }) => {
  test.setTimeout(600_000)
  console.log(`seed ${SEED} (PROMISE_SEED)`)
  const random = randomFrom(SEED)
  const acknowledged: Acknowledged[] = []
  let streamed = 0
  for (let run = 0; run <= KILLS; run++) {
    const browser = await launchKillable(profile)
    try {
      const page = await browser.context.newPage()
      await page.exposeFunction('acknowledge', (done: readonly Acknowledged[]) => acknowledged.push(...done))
      await page.goto(appUrl)
      if (await thrownAway(page, acknowledged)) acknowledged.length = 0
      await checkAll(page, acknowledged)
      if (run === KILLS) break
      const before = acknowledged.length
      streamed -= before
      void page
        .evaluate((number) => globalThis.app.stream(number, (done) => void Reflect.get(globalThis, 'acknowledge')(done)), run)
        .catch(() => undefined)
      await expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(before)
      await wait(random() * 700)
      streamed += acknowledged.length
    } finally {
      await browser.kill()
    }
  }
  expect(streamed).toBeGreaterThan(KILLS * 20)
  await checkStored(profile, { appUrl, acknowledged })
})

/**
 * Chromium deletes an origin's databases when it was killed within the write of a record of its log (docs/decisions/0004): the page must have
 * been told of that, or it is we who lost something.
 */
async function thrownAway(page: Page, acknowledged: readonly Acknowledged[]): Promise<boolean> {
  if (acknowledged.length === 0 || (await page.evaluate(() => globalThis.app.log())).length > 0) return false
  await expect.poll(() => page.evaluate(() => globalThis.app.lost()), 'nothing is left, and no loss was told').toBeDefined()
  console.log('the browser threw its torn database away')
  return true
}

/** What lies on the disk, read without the runtime: ids, signatures and chains hold. */
async function checkStored(profile: string, wanted: { appUrl: string; acknowledged: readonly Acknowledged[] }): Promise<void> {
  const browser = await launchKillable(profile)
  try {
    const stored = await readStoredLog(await openBarePage(browser.context, wanted.appUrl))
    const ids = new Set(stored.map(({ id }) => id))
    expect(ids.size).toBe(stored.length)
    expect(wanted.acknowledged.filter(({ id }) => !ids.has(id))).toEqual([])
    expect(stored.filter(({ signed }) => !signed)).toEqual([])
    const newest = new Map<string, { readonly id: string; readonly seq: number }>()
    for (const event of stored) {
      const chain = `${event.space} ${event.author}`
      const before = newest.get(chain)
      expect(event).toMatchObject({ seq: (before?.seq ?? -1) + 1, previous: before?.id })
      newest.set(chain, event)
    }
    expect(newest.size).toBe(2)
  } finally {
    await browser.kill()
  }
}

/** Nothing acknowledged is missing or twice; chains have no gap; the values are there; the runtime takes new events. */
async function checkAll(page: Page, acknowledged: readonly Acknowledged[]): Promise<void> {
  const log: readonly Logged[] = await page.evaluate(() => globalThis.app.log())
  const ids = new Set(log.map(({ id }) => id))
  expect(ids.size).toBe(log.length)
  expect(acknowledged.filter(({ id }) => !ids.has(id))).toEqual([])
  for (const space of new Set(log.map((event) => event.space))) {
    const numbers = log.filter((event) => event.space === space).map((event) => event.seq)
    expect(numbers).toEqual(Array.from(numbers, (_, index) => numbers.length - 1 - index))
  }
  const sample = acknowledged.slice(-400)
  const values = await page.evaluate(
    (paths) => globalThis.app.values(paths),
    sample.map(({ path }) => path),
  )
  expect(values).toEqual(sample.map(({ value }) => value))
  const { damaged } = await page.evaluate(async () => await (await globalThis.app.runtime).storage())
  expect(damaged).toEqual([])
}
