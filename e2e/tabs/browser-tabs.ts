import type { BrowserContext, CDPSession, Page } from '@playwright/test'
import type { Told } from './page/tab.js'
import { expect } from './build-app.js'

/** What a browser offers to a tab: `page` has no workers at all. */
export type Mode = 'shared-worker' | 'worker' | 'page'

const REFUSED: { readonly [M in Mode]: readonly string[] } = {
  'shared-worker': [],
  worker: ['SharedWorker'],
  page: ['SharedWorker', 'Worker'],
}

/** Takes from every page of the context what the mode lacks, before its scripts run. */
export async function limitTo(context: BrowserContext, mode: Mode): Promise<void> {
  const names = REFUSED[mode]
  if (names.length > 0) await context.addInitScript((refused) => refused.forEach((name) => Reflect.deleteProperty(globalThis, name)), names)
}

export async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  return page
}

export async function told(page: Page): Promise<readonly Told[]> {
  return await page.evaluate(() => globalThis.tab.told())
}

/** The last report of a page, once it has that state. */
export async function reported(page: Page, state: Told['state'], timeout = 10_000): Promise<Told> {
  const last = async (): Promise<Told | undefined> => (await told(page)).at(-1)
  await expect.poll(async () => (await last())?.state, { timeout, intervals: [20] }).toBe(state)
  const report = await last()
  if (report === undefined) throw new Error('The page reported nothing.')
  return report
}

/** Each life of the runtime that the pages were connected to. */
export async function generations(pages: readonly Page[]): Promise<ReadonlySet<string>> {
  const all = await Promise.all(pages.map(told))
  return new Set(all.flat().flatMap(({ state, generation }) => (state === 'connected' ? [generation] : [])))
}

/** Reads in every page at once: the longest that one of them waited, in milliseconds. */
export async function slowestRead(pages: readonly Page[]): Promise<number> {
  const reads = await Promise.all(pages.map((page) => page.evaluate(() => globalThis.tab.probe())))
  return Math.max(...reads.map(({ took }) => took))
}

/** Every path was written once, and by the event that its page was told of. */
export async function expectOnce(page: Page, written: readonly { readonly path: string; readonly id?: string }[]): Promise<void> {
  const log = await page.evaluate(() => globalThis.tab.log())
  const events = new Map<string, string[]>()
  for (const { path, id } of log) events.set(path, [...(events.get(path) ?? []), id])
  const wrong = written.filter(({ path, id }) => events.get(path)?.length !== 1 || (id !== undefined && events.get(path)?.[0] !== id))
  expect(wrong.map(({ path, id }) => ({ path, id, events: events.get(path) ?? [] }))).toEqual([])
  const doubled = [...events].filter(([path, ids]) => path.startsWith('me/load/') && ids.length > 1)
  expect(doubled).toEqual([])
}

/** The browser's own debugging session, for what has no page. */
export async function browserSession(context: BrowserContext): Promise<CDPSession> {
  const browser = context.browser()
  if (browser !== null) return await browser.newBrowserCDPSession()
  const [page] = context.pages()
  if (page === undefined) throw new Error('A context without a page has no debugging session.')
  return await context.newCDPSession(page)
}

/** Ends every SharedWorker of the browser without a word, as browsers of phones do. */
export async function killSharedWorkers(context: BrowserContext): Promise<number> {
  const session = await browserSession(context)
  const { targetInfos } = await session.send('Target.getTargets')
  const workers = targetInfos.filter(({ type }) => type === 'shared_worker')
  for (const { targetId } of workers) await session.send('Target.closeTarget', { targetId })
  await session.detach()
  return workers.length
}

/** Where random numbers come from: the same again for the same seed, which is printed. */
export function seeded(what: string): () => number {
  let state = Number(process.env['SPICETIME_SEED'] ?? Date.now() % 2 ** 31) >>> 0
  process.stdout.write(`${what}: SPICETIME_SEED=${state}\n`)
  return () => {
    // xorshift32
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
