import type { BrowserContext, Page } from '@playwright/test'
import { launchKillable } from '../fixtures/kill.js'
import { generations, expectOnce, killSharedWorkers, limitTo, openTab, reported, seeded, slowestRead } from './browser-tabs.js'
import type { Mode } from './browser-tabs.js'
import { expect, test } from './build-app.js'

/** What every live tab must answer within, whatever happened to the owner: issue 4. */
const ANSWER_BOUND = 2000
const WATCH_BOUND = 500
const BOOTS = 50
const CLOSES = 200

/** A way for the owner to go; gives back the tabs that live on. The first tab was there first, so it has the owner where a tab has it. */
type Cause = (tabs: readonly Page[], context: BrowserContext) => Promise<readonly Page[]>

const freezeLeader: Cause = async ([leader, ...others], context) => {
  if (leader === undefined) throw new Error('There is no tab to freeze.')
  const session = await context.newCDPSession(leader)
  await session.send('Page.setWebLifecycleState', { state: 'frozen' })
  return others
}

const killOwner: (mode: Mode) => Cause = (mode) => async (tabs, context) => {
  if (mode === 'shared-worker') {
    expect(await killSharedWorkers(context)).toBe(1)
    return tabs
  }
  const [leader, ...others] = tabs
  if (leader === undefined) throw new Error('There is no tab to kill.')
  const session = await context.newCDPSession(leader)
  const crashed = leader.waitForEvent('crash')
  session.send('Page.crash').catch(() => undefined)
  await crashed
  return others
}

const wedgeOwner: (mode: Mode) => Cause = (mode) => async (tabs) => {
  const [leader, ...others] = tabs
  if (leader === undefined) throw new Error('There is no tab.')
  if (mode === 'page') {
    await leader.evaluate(() => {
      setTimeout(() => {
        for (;;);
      })
    })
    return others
  }
  const { generation } = await reported(leader, 'connected')
  await leader.evaluate((owner) => globalThis.tab.hook('wedge', owner), generation)
  return tabs
}

async function openTabs(context: BrowserContext, url: string, count: number): Promise<readonly Page[]> {
  const tabs: Page[] = []
  for (let opened = 0; opened < count; opened++) {
    const tab = await openTab(context, url)
    await tab.evaluate(() => globalThis.tab.probe())
    tabs.push(tab)
  }
  return tabs
}

/** The tabs have work under way, some of it done. */
async function load(tabs: readonly Page[]): Promise<void> {
  await Promise.all(tabs.map((tab, index) => tab.evaluate((prefix) => globalThis.tab.load(prefix), String(index))))
  for (const tab of tabs)
    await expect.poll(() => tab.evaluate(() => globalThis.tab.acknowledged().length), { intervals: [20] }).toBeGreaterThan(20)
}

/** No call is left, none was refused, and what was told to be done is there once. */
async function expectAllDone(tabs: readonly Page[]): Promise<void> {
  for (const tab of tabs) await tab.evaluate(() => globalThis.tab.unload())
  for (const tab of tabs) {
    await expect.poll(() => tab.evaluate(() => globalThis.tab.flying()), { intervals: [20], timeout: 5000 }).toBe(0)
    expect(await tab.evaluate(() => globalThis.tab.refused())).toEqual([])
  }
  const written = await Promise.all(tabs.map((tab) => tab.evaluate(() => globalThis.tab.acknowledged())))
  const [first] = tabs
  if (first !== undefined) await expectOnce(first, written.flat())
}

/** The page of a frozen tab has nothing to do with a SharedWorker. */
const FREEZE_HANDOVERS: { readonly [M in Mode]: number } = { 'shared-worker': 0, worker: 1, page: 1 }

/** How an owner goes, and how many handovers that takes at most. */
interface Loss {
  readonly cause: Cause
  readonly handovers: number
}

/** Milliseconds until every live tab was answered, and handovers. Whatever they are: nothing hangs, is refused, lost or doubled. */
async function lose(context: BrowserContext, url: string, cause: Cause): Promise<{ readonly slowest: number; readonly handovers: number }> {
  const tabs = await openTabs(context, url, 3)
  const before = await generations(tabs)
  expect(before.size).toBe(1)
  await load(tabs)
  const alive = await cause(tabs, context)
  const slowest = await slowestRead(alive)
  for (const tab of alive) await reported(tab, 'connected')
  await expectAllDone(alive)
  return { slowest, handovers: (await generations(alive)).size - 1 }
}

/**
 * The protocol's freeze interrupts a worker in the middle of its script, and so, now and then, within a transaction: then nobody gets the database,
 * and calls say STORAGE_BLOCKED. A browser by itself never freezes a page that holds a Web Lock, as the owner's does.
 */
async function loseUnlessTorn(...given: Parameters<typeof lose>): ReturnType<typeof lose> {
  try {
    return await lose(...given)
  } catch (error) {
    if (given[2] !== freezeLeader || !String(error).includes('does not open: another tab holds it')) throw error
    return { slowest: Infinity, handovers: 0 }
  }
}

async function handOver(context: BrowserContext, url: string, { cause, handovers }: Loss): Promise<void> {
  const first = await loseUnlessTorn(context, url, cause)
  if (first.slowest < ANSWER_BOUND && first.handovers <= handovers) return
  // The machine may have been busy with something else for that moment: once more, on another database.
  const again = await lose(context, `${url}?name=again`, cause)
  expect(again.slowest, 'milliseconds until every live tab was answered').toBeLessThan(ANSWER_BOUND)
  expect(again.handovers, 'handovers').toBeLessThanOrEqual(handovers)
}

/** The whole suite of several tabs, where browsers offer that much. */
export function modeSuite(mode: Mode): void {
  test(`tabs with ${mode} › the leader’s tab is frozen under load: every live tab is answered within 2 s, no call is left, one handover at most`, async ({
    profile,
    app,
  }) => {
    // Playwright's own overrides keep every page visible, and a visible page is never frozen.
    const { context, kill } = await launchKillable(profile)
    try {
      await limitTo(context, mode)
      await handOver(context, app.current, { cause: freezeLeader, handovers: FREEZE_HANDOVERS[mode] })
    } finally {
      await kill()
    }
  })

  test.describe(`tabs with ${mode}`, () => {
    test.beforeEach(async ({ device }) => limitTo(device.context, mode))

    test(`${BOOTS} simultaneous boots of two tabs meet in one runtime`, async ({ device, app }) => {
      const one = await device.context.newPage()
      const two = await device.context.newPage()
      for (let boot = 0; boot < BOOTS; boot++) {
        const url = `${app.current}?name=boot-${boot}`
        await Promise.all([one.goto(url), two.goto(url)])
        expect(await slowestRead([one, two])).toBeLessThan(ANSWER_BOUND)
        expect((await reported(one, 'connected')).kind).toBe(mode)
        const { id } = await one.evaluate(() => globalThis.tab.put('me/boots/1', 1))
        expect((await two.evaluate(() => globalThis.tab.probe('me/boots/1'))).value).toBe(1)
        expect((await two.evaluate(() => globalThis.tab.log())).map((event) => event.id)).toEqual([id])
        expect((await generations([one, two])).size).toBe(1)
      }
    })

    test('a change in one tab is seen in another within 500 ms', async ({ device, app }) => {
      const [one, two] = await openTabs(device.context, app.current, 2)
      if (one === undefined || two === undefined) throw new Error('Two tabs are needed.')
      for (const [writer, reader] of [
        [one, two],
        [two, one],
      ] as const) {
        await reader.evaluate(() => globalThis.tab.watch('me/watched/1'))
        for (let value = 1; value <= 10; value++) {
          const { at } = await writer.evaluate((put) => globalThis.tab.put('me/watched/1', put), value)
          const arrival = (): Promise<number | undefined> =>
            reader.evaluate((put) => globalThis.tab.seen().findLast((seen) => seen.value === put)?.at, value)
          await expect.poll(arrival, { intervals: [10] }).toBeDefined()
          expect(((await arrival()) ?? Infinity) - at, 'milliseconds from the submit to the watch').toBeLessThan(WATCH_BOUND)
        }
      }
    })

    for (const [what, loss] of [
      ['the owner is killed', { cause: killOwner(mode), handovers: 1 }],
      ['the owner is wedged by an endless loop', { cause: wedgeOwner(mode), handovers: 1 }],
    ] as const)
      test(`${what} under load: every live tab is answered within 2 s, no call is left, one handover at most`, async ({ device, app }) => {
        await handOver(device.context, app.current, loss)
      })

    test(`${CLOSES} tabs closed 0 to 5 ms after a submit: what resolved and what the inbox took is there once`, async ({ device, app }) => {
      // Each tab opens anew: on a busy machine 200 of them take their minute.
      test.setTimeout(180_000)
      const random = seeded('tab closes')
      const delays = Array.from({ length: CLOSES }, () => Math.floor(random() * 6))
      const [opener] = await openTabs(device.context, app.current, 1)
      if (opener === undefined) throw new Error('A tab is needed.')
      const { resolved, kept, asked } = await opener.evaluate((given) => globalThis.tab.closeEarly('c', given), delays)
      process.stdout.write(`tab closes with ${mode}: ${asked.length} asked, ${resolved.length} resolved, ${kept.length} kept\n`)
      const owed = [...new Set([...resolved, ...kept])]
      await expect
        .poll(async () => {
          const log = new Set((await opener.evaluate(() => globalThis.tab.log())).map(({ path }) => path))
          return owed.filter((path) => !log.has(path))
        })
        .toEqual([])
      await expectOnce(
        opener,
        owed.map((path) => ({ path })),
      )
      const paths = (await opener.evaluate(() => globalThis.tab.log())).map(({ path }) => path)
      expect(paths.length, 'no submit is there twice').toBe(new Set(paths).size)
    })
  })
}
