import { appendFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import { launchKillable } from '../fixtures/kill.js'
import { expectOnce, openTab, reported, seeded, told } from './browser-tabs.js'
import { expect, test } from './build-app.js'

const KILLS = 20
/** Milliseconds that an upgrade of the newer test build takes at most; kills fall within. */
const UPGRADE_TIME = 800

test('a newer build opened beside an older one: the newer works on, the older asks for a reload, nothing is lost', async ({
  device,
  app,
}) => {
  const older = await openTab(device.context, app.current)
  const { id } = await older.evaluate(() => globalThis.tab.put('me/versions/1', 1))
  const newer = await openTab(device.context, app.newer)
  expect((await newer.evaluate(() => globalThis.tab.probe('me/versions/1'))).value).toBe(1)
  const report = await reported(older, 'failed')
  expect(report.code).toMatch(/PROTOCOL_MISMATCH|STORAGE_VERSION_NEWER/)
  expect(report.message).toMatch(/[Rr]eload/)
  expect((await older.evaluate(() => globalThis.tab.refusal()))?.message).toMatch(/[Rr]eload/)

  const second = await newer.evaluate(() => globalThis.tab.put('me/versions/2', 2))
  await older.goto(app.newer)
  expect((await older.evaluate(() => globalThis.tab.probe('me/versions/2'))).value).toBe(2)
  await expectOnce(older, [
    { path: 'me/versions/1', id },
    { path: 'me/versions/2', id: second.id },
  ])
})

test('an older build opened beside a newer one is refused with what to do, and the newer works on', async ({ device, app }) => {
  const newer = await openTab(device.context, app.newer)
  const { id } = await newer.evaluate(() => globalThis.tab.put('me/versions/1', 1))
  const { generation } = await reported(newer, 'connected')
  const older = await openTab(device.context, app.current)
  const refused = await older.evaluate(() => globalThis.tab.refusal())
  expect(refused?.code).toMatch(/PROTOCOL_MISMATCH|STORAGE_VERSION_NEWER/)
  expect(refused?.message).toMatch(/[Rr]eload/)
  expect((await newer.evaluate(() => globalThis.tab.probe('me/versions/1'))).value).toBe(1)
  expect((await reported(newer, 'connected')).generation).toBe(generation)
  await expectOnce(newer, [{ path: 'me/versions/1', id }])
})

for (const order of ['the older one first', 'the newer one first'] as const)
  test(`a newer build that speaks the older protocol too, ${order}: both tabs work on the newer one’s database, and none has to reload`, async ({
    device,
    app,
  }) => {
    const urls = order === 'the older one first' ? [app.current, app.bridging] : [app.bridging, app.current]
    const tabs: Page[] = []
    const written: { readonly id: string; readonly path: string }[] = []
    for (const [index, url] of urls.entries()) {
      const tab = await openTab(device.context, url)
      await tab.evaluate(() => globalThis.tab.watch('me/versions/1'))
      tabs.push(tab)
      const { id } = await tab.evaluate((at) => globalThis.tab.put(`me/versions/${at}`, 1), index)
      written.push({ id, path: `me/versions/${index}` })
    }
    for (const [index, tab] of tabs.entries()) {
      const { id } = await tab.evaluate((at) => globalThis.tab.put(`me/versions/again-${at}`, 1), index)
      written.push({ id, path: `me/versions/again-${index}` })
    }
    for (const tab of tabs) {
      await expect.poll(() => tab.evaluate(() => globalThis.tab.seen().at(-1)?.value)).toBe(1)
      await expectOnce(tab, written)
      expect((await told(tab)).map(({ state }) => state)).not.toContain('failed')
    }
    const [one, two] = await Promise.all(tabs.map(async (tab) => (await reported(tab, 'connected')).generation))
    expect(one).toBe(two)
  })

test(`the browser killed at ${KILLS} moments of an upgrade: the next start resumes it, and nothing is lost, or the browser’s loss is told`, async ({
  profile,
  app,
}) => {
  test.setTimeout(240_000)
  const random = seeded('kills in an upgrade')
  const first = await launchKillable(profile)
  const writer = await openTab(first.context, app.current)
  const written = await writer.evaluate(() => globalThis.tab.put('me/versions/1', 1))
  const author = await remembered(writer)
  await first.kill()
  let finished = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const browser = await launchKillable(profile)
    const page = await openTab(browser.context, app.newer)
    const done = page
      .evaluate(() => globalThis.tab.probe('me/versions/1'))
      .then(
        () => true,
        () => false,
      )
    await wait(random() * UPGRADE_TIME)
    await browser.kill()
    if (await done) finished += 1
  }
  process.stdout.write(`kills in an upgrade: ${KILLS}, of them ${finished} after the first answer\n`)
  const last = await launchKillable(profile)
  try {
    await expectKeptOrTold(await openTab(last.context, app.newer), { id: written.id, author })
  } finally {
    await last.kill()
  }
})

test('a torn tail of the browser’s own log: nothing is lost, or the loss is told', async ({ profile, app }) => {
  const first = await launchKillable(profile)
  const writer = await openTab(first.context, app.current)
  const written = await writer.evaluate(() => globalThis.tab.put('me/versions/1', 1))
  const author = await remembered(writer)
  await first.kill()
  await tearLog(profile)

  const second = await launchKillable(profile)
  const after = await openTab(second.context, app.current)
  expect((await after.evaluate(() => globalThis.tab.probe('me/versions/1'))).value).toBe(1)
  await after.evaluate(() => globalThis.tab.put('me/versions/2', 2))
  await second.kill()

  const third = await launchKillable(profile)
  try {
    await expectKeptOrTold(await openTab(third.context, app.current), { id: written.id, author })
  } finally {
    await third.kill()
  }
})

/** The author of the page's runtime, once the page has noted it down. */
async function remembered(page: Page): Promise<string> {
  await expect.poll(async () => (await reported(page, 'connected')).storage).toBeDefined()
  return page.evaluate(async () => (await (await globalThis.tab.runtime).storage()).author)
}

/**
 * Chromium deletes all databases of an origin when it was killed within the write of a record of its log, and went on behind the torn one
 * (google/leveldb#1287). No page can keep it from that; that it is not told would be our fault.
 */
async function expectKeptOrTold(page: Page, { id, author }: { readonly id: string; readonly author: string }): Promise<void> {
  const { value } = await page.evaluate(() => globalThis.tab.probe('me/versions/1'))
  if (value === undefined) {
    process.stdout.write('the browser threw its torn database away\n')
    await expect.poll(async () => (await reported(page, 'connected')).lost).toBe(author)
  } else {
    expect(value).toBe(1)
    await expectOnce(page, [{ path: 'me/versions/1', id }])
  }
  const next = await page.evaluate(() => globalThis.tab.put('me/versions/3', 3))
  await expectOnce(page, [{ path: 'me/versions/3', id: next.id }])
}

/** Ends the log of the browser's database as a kill does between the header of a record and its bytes. */
async function tearLog(profile: string): Promise<void> {
  const databases = join(profile, 'Default', 'IndexedDB')
  const [database] = await readdir(databases)
  const folder = join(databases, database ?? '')
  const [log] = (await readdir(folder)).filter((file) => file.endsWith('.log')).toSorted((a, b) => b.localeCompare(a))
  if (log === undefined) throw new Error(`Chromium has no log in ${folder} any more: mend this test.`)
  // A checksum, the length of the record, and the type of one that is whole.
  await appendFile(join(folder, log), Uint8Array.of(1, 2, 3, 4, 134, 0, 1))
}
