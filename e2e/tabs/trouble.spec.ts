import { chromium } from '@playwright/test'
import { chromiumArguments, findChromium } from '../../scripts/find-chromium.mjs'
import { limitQuota, openBarePage } from '../promises/stored-data.js'
import { limitTo, openTab, reported, slowestRead, told } from './browser-tabs.js'
import { expect, test } from './build-app.js'
import type { Page } from '@playwright/test'

const ANSWER_BOUND = 2000
/** Megabytes that the heap of a process may have. */
const HEAP = 128
/** Bytes: more than any test needs. */
const ROOM = 1_000_000_000

test('the browser ends the worker’s process as memory runs out: live tabs recover, and say so', async ({ profile, app }) => {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    args: [...chromiumArguments(), `--js-flags=--max-old-space-size=${HEAP}`],
  })
  try {
    const tabs = [await openTab(context, app.current), await openTab(context, app.current), await openTab(context, app.current)]
    await slowestRead(tabs)
    const [first] = tabs
    if (first === undefined) throw new Error('A tab is needed.')
    const { generation } = await reported(first, 'connected')
    const { id } = await first.evaluate(() => globalThis.tab.put('me/killed/1', 1))
    // A tab that lives in the worker's process dies with it.
    const crashes = tabs.map((tab) => new Promise<undefined>((resolve) => tab.on('crash', () => resolve(undefined))))
    await first.evaluate((owner) => globalThis.tab.hook('grow', owner), generation)
    const goesOn = async (tab: Page): Promise<Page> => {
      await expect.poll(async () => (await told(tab)).some(({ state }) => state === 'recovering'), { timeout: 30_000 }).toBe(true)
      const { took, value } = await tab.evaluate(() => globalThis.tab.probe('me/killed/1'))
      expect(value).toBe(1)
      expect(took).toBeLessThan(ANSWER_BOUND)
      expect((await reported(tab, 'connected')).generation).not.toBe(generation)
      expect((await tab.evaluate(() => globalThis.tab.log())).map((event) => event.id)).toEqual([id])
      return tab
    }
    // What is asked of a tab as it crashes fails before the crash is told.
    const unlessCrashed = (error: unknown): undefined => {
      if (!String(error).includes('crashed')) throw error
    }
    const alive = await Promise.all(tabs.map((tab, index) => Promise.race([goesOn(tab).catch(unlessCrashed), crashes[index]])))
    process.stdout.write(`out of memory: ${alive.filter((tab) => tab !== undefined).length} of ${tabs.length} tabs live on\n`)
    expect(alive.some((tab) => tab !== undefined)).toBe(true)
  } finally {
    await context.close()
  }
})

test('quota exhausted: a submit is refused with STORAGE_FULL, reads go on, and submits work when there is room again', async ({
  device,
  app,
}) => {
  // Chromium heeds the limit only where nothing of the origin is open yet.
  const quota = await limitQuota(await openBarePage(device.context, app.current), 2_000_000)
  const page = await openTab(device.context, app.current)
  await page.evaluate(() => globalThis.tab.put('me/full/1', 1))
  const refused = await page.evaluate(async () => {
    const client = await globalThis.tab.runtime
    // What was reserved before may still take a few.
    for (let count = 0; count < 500; count++) {
      const value = 'x'.repeat(30_000)
      const refusal = await client.submitEvent({ path: `me/full/big-${count}`, op: 'put', value }).then(
        () => undefined,
        (error: { readonly code: string; readonly message: string }) => ({ code: error.code, message: error.message }),
      )
      if (refusal !== undefined) return refusal
    }
    return undefined
  })
  expect(refused?.code).toBe('STORAGE_FULL')
  expect((await page.evaluate(() => globalThis.tab.probe('me/full/1'))).value).toBe(1)
  await quota.set(ROOM)
  await page.evaluate(() => globalThis.tab.put('me/full/3', 3))
  expect((await page.evaluate(() => globalThis.tab.probe('me/full/3'))).value).toBe(3)
})

test('storage cleared under a running app: reported as loss, never as a fresh start, and the app works on', async ({ device, app }) => {
  const page = await openTab(device.context, app.current)
  await page.evaluate(() => globalThis.tab.put('me/cleared/1', 1))
  await expect.poll(async () => (await told(page)).at(-1)?.storage).toBeDefined()
  const author = await page.evaluate(async () => (await (await globalThis.tab.runtime).storage()).author)
  const session = await device.context.newCDPSession(page)
  await session.send('Storage.clearDataForOrigin', { origin: new URL(app.current).origin, storageTypes: 'indexeddb' })
  // The first call may meet the end of the cleared database: with its own error.
  const first = await page.evaluate(() => globalThis.tab.refusal())
  expect([undefined, 'STORAGE_CLOSED']).toContain(first?.code)
  await expect
    .poll(async () => {
      await page.evaluate(() => globalThis.tab.refusal())
      return (await told(page)).at(-1)?.lost
    })
    .toBe(author)
  await page.evaluate(() => globalThis.tab.put('me/cleared/2', 2))
  expect((await page.evaluate(() => globalThis.tab.probe('me/cleared/2'))).value).toBe(2)
  const fresh = await openTab(device.context, app.current)
  await fresh.evaluate(() => globalThis.tab.probe())
})

test('private mode: the app works, and says that its storage is not kept for good', async ({ app }) => {
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments() })
  try {
    const context = await browser.newContext()
    const page = await openTab(context, app.current)
    await page.evaluate(() => globalThis.tab.put('me/private/1', 1))
    await expect.poll(async () => (await told(page)).at(-1)?.storage).toMatch(/^(evictable|memory)$/)
    expect((await told(page)).at(-1)).toMatchObject({ state: 'connected' })
    await context.close()
  } finally {
    await browser.close()
  }
})

test('a page that comes back from the back/forward cache is current or says that it recovers', async ({ profile, app }) => {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    args: chromiumArguments(),
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
  try {
    const page = await openTab(context, app.current)
    const other = await openTab(context, app.current)
    await page.evaluate(async () => {
      await globalThis.tab.watch('me/cached/1')
      addEventListener('pageshow', ({ persisted }) => {
        requestAnimationFrame(() => {
          const shown = { persisted, state: globalThis.tab.told().at(-1)?.state, seen: globalThis.tab.seen().at(-1)?.value }
          localStorage.setItem('shown', JSON.stringify(shown))
          globalThis.tab.probe('me/cached/1').then(
            ({ value }) => localStorage.setItem('read', JSON.stringify(value)),
            (error: unknown) => localStorage.setItem('read', String(error)),
          )
        })
      })
    })
    await page.goto(`${app.current}away.html`)
    await other.evaluate(() => globalThis.tab.put('me/cached/1', 1))
    // Playwright does not follow a page that comes back from the cache: it tells what it saw through the other tab.
    page.evaluate(() => history.back()).catch(() => undefined)
    const item = (name: string): Promise<string | null> => other.evaluate((asked) => localStorage.getItem(asked), name)
    await expect.poll(() => item('read'), { message: 'the page was kept, came back and was answered' }).toBe('1')
    const shown = JSON.parse((await item('shown')) ?? '{}') as {
      readonly persisted?: boolean
      readonly state?: string
      readonly seen?: unknown
    }
    process.stdout.write(`back/forward cache: ${JSON.stringify(shown)}\n`)
    expect(shown.persisted).toBe(true)
    expect(shown.state === 'recovering' || shown.seen === 1).toBe(true)
  } finally {
    await context.close()
  }
})

for (const mode of ['worker', 'page'] as const)
  test(`without SharedWorkers, a ${mode}: the page that hosts the runtime lets go of it as it goes into the back/forward cache, and works on when it is back`, async ({
    profile,
    app,
  }) => {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: findChromium(),
      args: chromiumArguments(),
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    })
    try {
      await limitTo(context, mode)
      await context.addInitScript(() => {
        // As in browsers that don't tell of it.
        document.addEventListener('freeze', (event) => event.stopImmediatePropagation(), { capture: true })
        addEventListener('pagehide', ({ persisted }) => sessionStorage.setItem('left', String(persisted)))
        // A page that the browser drops from its cache is loaded anew when one goes back: it works on as well.
        addEventListener('pageshow', () => {
          if (sessionStorage.getItem('left') === null || !('tab' in globalThis)) return
          const note = (outcome: string): void => localStorage.setItem('back', outcome)
          globalThis.tab.put('me/cached/2', 2).then(
            () => note('written'),
            (error: unknown) => note(String(error)),
          )
        })
      })
      const leader = await openTab(context, app.current)
      await leader.evaluate(() => globalThis.tab.put('me/cached/1', 1))
      const other = await openTab(context, app.current)
      const { generation } = await reported(other, 'connected')
      await leader.goto(`${app.current}away.html`)
      expect((await other.evaluate(() => globalThis.tab.probe('me/cached/1'))).value).toBe(1)
      expect((await reported(other, 'connected')).generation).not.toBe(generation)
      const after = (await reported(other, 'connected')).generation
      expect(await leader.evaluate(() => sessionStorage.getItem('left'))).toBe('true')
      // It was told, and did not have to find out.
      expect((await told(other)).map(({ message }) => message ?? '').filter((message) => message.includes('does not answer'))).toEqual([])
      leader.evaluate(() => history.back()).catch(() => undefined)
      await expect.poll(() => other.evaluate(() => localStorage.getItem('back'))).toBe('written')
      expect((await other.evaluate(() => globalThis.tab.probe('me/cached/2'))).value).toBe(2)
      expect((await reported(other, 'connected')).generation).toBe(after)
    } finally {
      await context.close()
    }
  })
