import { setTimeout as wait } from 'node:timers/promises'
import { launchKillable } from '../fixtures/kill.js'
import { expectOnce, openTab, reported, seeded } from './browser-tabs.js'
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

// Issue 4: one of three runs found nothing of what was written before the upgrades. Whether the browser threw a torn database away or we lost it
// is not known yet, so the test stays out until it is.
test.fixme(`the browser killed at ${KILLS} moments of an upgrade: the next start resumes it, and nothing is lost`, async ({
  profile,
  app,
}) => {
  test.setTimeout(120_000)
  const random = seeded('kills in an upgrade')
  const first = await launchKillable(profile)
  const writer = await openTab(first.context, app.current)
  const { id } = await writer.evaluate(() => globalThis.tab.put('me/versions/1', 1))
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
    const page = await openTab(last.context, app.newer)
    expect((await page.evaluate(() => globalThis.tab.probe('me/versions/1'))).value).toBe(1)
    await expectOnce(page, [{ path: 'me/versions/1', id }])
    await page.evaluate(() => globalThis.tab.put('me/versions/2', 2))
  } finally {
    await last.kill()
  }
})
