import type { Page } from '@playwright/test'
import type { Device } from '../fixtures/pages.js'
import type { Acknowledged } from './page/embedding-app.js'
import { expect, test } from './runtime-page.js'
import { leaveNewerVersion, limitQuota, openBarePage, spoilRows, submitSingles } from './stored-data.js'

async function openApp(device: Device, url: string): Promise<Page> {
  const page = await device.context.newPage()
  await page.goto(url)
  return page
}

async function idsOf(page: Page): Promise<ReadonlySet<string>> {
  return new Set((await page.evaluate(() => globalThis.app.log())).map(({ id }) => id))
}

async function damagedIn(page: Page): Promise<readonly { readonly key: string; readonly reason: string }[]> {
  return await page.evaluate(async () => (await (await globalThis.app.runtime).storage()).damaged)
}

/** Everything that is still logged has its value, and new submits work. */
async function checkTheRest(page: Page, written: readonly Acknowledged[]): Promise<void> {
  const log = await idsOf(page)
  const logged = written.filter(({ id }) => log.has(id))
  const paths = logged.map(({ path }) => path)
  const values = await page.evaluate((asked) => globalThis.app.values(asked), paths)
  const wrong = logged.filter(({ value }, index) => values[index] !== value)
  expect(wrong).toEqual([])
  const [fresh] = await submitSingles(page, 'after', 1)
  expect(await idsOf(page)).toContain(fresh?.id)
  expect(await page.evaluate(() => globalThis.app.values(['me/after/0']))).toEqual([0])
}

for (const how of ['flip', 'truncate'] as const) {
  test(`P1: commits that the disk spoiled (${how}) are shown with their reason, and the rest opens and works`, async ({
    launchDevice,
    profile,
    appUrl,
  }) => {
    const before = await launchDevice(profile)
    const written = await submitSingles(await openApp(before, appUrl), 'kept', 60)
    await before.close()
    const between = await launchDevice(profile)
    const spoiled = await spoilRows(await openBarePage(between.context, appUrl), how, { store: 'commits', step: 20 })
    expect(spoiled).toBeGreaterThan(1)
    await between.close()

    const page = await openApp(await launchDevice(profile), appUrl)
    const damaged = await damagedIn(page)
    expect(damaged.length).toBeGreaterThanOrEqual(spoiled)
    expect(damaged.filter(({ reason }) => reason === '')).toEqual([])
    const log = await idsOf(page)
    expect(written.filter(({ id }) => !log.has(id)).length).toBeLessThanOrEqual(spoiled)
    await checkTheRest(page, written)
  })
}

test('P1: when the newest commit was spoiled, the older ones stay, and the author goes on after them', async ({
  launchDevice,
  profile,
  appUrl,
}) => {
  const before = await launchDevice(profile)
  const written = await submitSingles(await openApp(before, appUrl), 'kept', 20)
  await before.close()
  const between = await launchDevice(profile)
  expect(await spoilRows(await openBarePage(between.context, appUrl), 'truncate', { store: 'commits', step: 'last' })).toBe(1)
  await between.close()

  const page = await openApp(await launchDevice(profile), appUrl)
  expect(await damagedIn(page)).not.toEqual([])
  const log = await page.evaluate(() => globalThis.app.log())
  expect(log.map(({ id }) => id)).toEqual(
    written
      .slice(0, log.length)
      .map(({ id }) => id)
      .toReversed(),
  )
  expect(log.length).toBeGreaterThanOrEqual(written.length - 1)
  const [next] = await submitSingles(page, 'after', 1)
  const trace = await page.evaluate(async (id) => await (await globalThis.app.runtime).trace(id), next?.id ?? '')
  expect(trace).toMatchObject({ seq: log.length, previous: log[0]?.id })
})

test('P1: pages that the disk spoiled are shown, and the rest opens and works', async ({ launchDevice, profile, appUrl }) => {
  test.setTimeout(120_000)
  const before = await launchDevice(profile)
  const writer = await openApp(before, appUrl)
  const written = await writer.evaluate(async () => {
    const runtime = await globalThis.app.runtime
    const inputs = Array.from({ length: 6000 }, (_, value) => ({ path: `me/kept/${value}`, op: 'put' as const, value }))
    const ids = await runtime.submitEvents(inputs)
    return inputs.map(({ path, value }, index) => ({ id: ids[index] ?? '', path, value }))
  })
  await before.close()
  const between = await launchDevice(profile)
  const spoiled = await spoilRows(await openBarePage(between.context, appUrl), 'flip', { store: 'pages', step: 20 })
  expect(spoiled).toBeGreaterThan(1)
  await between.close()

  const page = await openApp(await launchDevice(profile), appUrl)
  const log = await idsOf(page)
  expect(written.filter(({ id }) => !log.has(id)).length).toBeLessThanOrEqual(spoiled)
  await checkTheRest(page, written)
  const damaged = await damagedIn(page)
  expect(damaged).not.toEqual([])
  expect(damaged.length).toBeLessThanOrEqual(spoiled)
})

test('P1: a full disk refuses with what to do, keeps what it acknowledged, and takes more when there is room', async ({
  device,
  appUrl,
}) => {
  // Chromium heeds the limit only where nothing of the origin is open yet.
  const limit = await limitQuota(await openBarePage(device.context, appUrl), 2_000_000)
  const page = await openApp(device, appUrl)
  const written = await submitSingles(page, 'kept', 20)
  const acknowledged: string[] = []
  await page.exposeFunction('acknowledgeId', (id: string) => acknowledged.push(id))
  const refused = await page.evaluate(() =>
    globalThis.app.refused(async (runtime) => {
      for (let at = 0; at < 200; at++) {
        const id = await runtime.submitEvent({ path: `me/large/${at}`, op: 'put', value: 'x'.repeat(50_000) })
        await Reflect.get(globalThis, 'acknowledgeId')(id)
      }
    }),
  )
  expect(refused).toMatchObject({ code: 'STORAGE_FULL', message: expect.stringContaining('free space') })
  expect(acknowledged.length).toBeGreaterThan(0)
  const log = await idsOf(page)
  expect([...written.map(({ id }) => id), ...acknowledged].filter((id) => !log.has(id))).toEqual([])
  expect(log.size).toBe(written.length + acknowledged.length)

  await limit.set(200_000_000)
  await checkTheRest(page, written)
})

test('P7: a database that a newer version wrote is left alone, and the refusal says what to do', async ({
  launchDevice,
  profile,
  appUrl,
}) => {
  const before = await launchDevice(profile)
  await submitSingles(await openApp(before, appUrl), 'kept', 3)
  await before.close()
  const device = await launchDevice(profile)
  await leaveNewerVersion(await openBarePage(device.context, appUrl))
  const page = await openApp(device, appUrl)
  const refused = await page.evaluate(() => globalThis.app.refused((runtime) => runtime.getState('me/kept/0')))
  expect(refused).toMatchObject({ code: 'STORAGE_VERSION_NEWER', message: expect.stringContaining('Reload') })
})
