import type { Page } from '@playwright/test'
import type { Device } from '../fixtures/pages.js'
import type { Acknowledged } from './page/embedding-app.js'
import { expect, test } from './runtime-page.js'

async function openApp(device: Device, url: string): Promise<Page> {
  const page = await device.context.newPage()
  await page.goto(url)
  await page.evaluate(() => globalThis.app.space())
  return page
}

test('P2: tabs that are closed in the middle of their submits leave nothing twice, and nothing that resolved is missing', async ({
  device,
  appUrl,
}) => {
  test.setTimeout(120_000)
  const acknowledged: Acknowledged[] = []
  await device.context.exposeFunction('acknowledge', (done: readonly Acknowledged[]) => acknowledged.push(...done))
  const stays = await openApp(device, appUrl)
  for (let run = 0; run < 8; run++) {
    const page = await openApp(device, appUrl)
    const before = acknowledged.length
    void page
      .evaluate((number) => globalThis.app.stream(number, (done) => void Reflect.get(globalThis, 'acknowledge')(done)), run)
      .catch(() => undefined)
    await expect.poll(() => acknowledged.length).toBeGreaterThan(before + run * 10)
    await page.close()
  }
  const log = await stays.evaluate(() => globalThis.app.log())
  const ids = new Set(log.map(({ id }) => id))
  expect(ids.size).toBe(log.length)
  expect(acknowledged.filter(({ id }) => !ids.has(id))).toEqual([])
  const values = await stays.evaluate(
    (paths) => globalThis.app.values(paths),
    acknowledged.slice(-300).map(({ path }) => path),
  )
  expect(values).toEqual(acknowledged.slice(-300).map(({ value }) => value))
})

test('P2: three tabs count on one counter, and all of them see the sum', async ({ device, appUrl }) => {
  const first = await openApp(device, appUrl)
  const tabs = [first, ...(await Promise.all([openApp(device, appUrl), openApp(device, appUrl)]))]
  await Promise.all(
    tabs.map((tab) =>
      tab.evaluate(async () => {
        const runtime = await globalThis.app.runtime
        await Promise.all(Array.from({ length: 50 }, () => runtime.submitEvent({ path: 'shared/counters/1/n', op: 'add', value: 1 })))
      }),
    ),
  )
  for (const tab of tabs) expect(await tab.evaluate(() => globalThis.app.values(['shared/counters/1/n']))).toEqual([150])
})
