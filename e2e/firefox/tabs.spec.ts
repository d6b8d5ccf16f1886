import { expect } from '../tabs/build-app.js'
import { openTab, reported, test } from './firefox-browser.js'

/** What the page's scripts don't find, and where the runtime runs then. */
const MODES = [
  { kind: 'shared-worker', lacking: [] },
  { kind: 'worker', lacking: ['SharedWorker'] },
  { kind: 'page', lacking: ['SharedWorker', 'Worker'] },
] as const

for (const { kind, lacking } of MODES)
  test(`Firefox, ${kind}: two tabs have one runtime, hear of each other’s events, and the one that stays goes on`, async ({
    launchFirefox,
    app,
  }) => {
    const browser = await launchFirefox()
    const leader = await openTab(browser, app.current, lacking)
    const first = await leader.evaluate(() => globalThis.tab.put('me/firefox/1', 1))
    const other = await openTab(browser, app.current, lacking)
    await other.evaluate(() => globalThis.tab.watch('me/firefox/1'))
    const { generation } = await reported(leader, 'connected')
    expect(await reported(other, 'connected')).toMatchObject({ kind, generation })

    const second = await leader.evaluate(() => globalThis.tab.put('me/firefox/1', 2))
    await expect.poll(() => other.evaluate(() => globalThis.tab.seen().at(-1)?.value), { intervals: [20] }).toBe(2)

    await leader.close()
    expect((await other.evaluate(() => globalThis.tab.probe('me/firefox/1'))).value).toBe(2)
    const third = await other.evaluate(() => globalThis.tab.put('me/firefox/1', 3))
    await expect.poll(() => other.evaluate(() => globalThis.tab.seen().at(-1)?.value), { intervals: [20] }).toBe(3)
    const log = await other.evaluate(() => globalThis.tab.log())
    expect(log.map(({ id }) => id)).toEqual([third.id, second.id, first.id])
    const after = await reported(other, 'connected')
    expect(after.generation === generation).toBe(kind === 'shared-worker')
  })

test('Firefox: what was submitted is there after a restart, and is this device’s own', async ({ launchFirefox, app }) => {
  const before = await launchFirefox()
  const writer = await openTab(before, app.current)
  const { id } = await writer.evaluate(() => globalThis.tab.put('me/firefox/1', 1))
  await expect.poll(async () => (await reported(writer, 'connected')).storage).toBeDefined()
  await before.close()

  const reader = await openTab(await launchFirefox(), app.current)
  expect((await reader.evaluate(() => globalThis.tab.probe('me/firefox/1'))).value).toBe(1)
  expect((await reader.evaluate(() => globalThis.tab.log())).map((event) => event.id)).toEqual([id])
  await expect.poll(async () => (await reported(reader, 'connected')).storage).toBeDefined()
  expect((await reported(reader, 'connected')).lost).toBeUndefined()
})
