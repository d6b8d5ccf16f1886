import { call, launch, openPage, rendererMemory } from './browser.mjs'
import { median, short } from './figures.mjs'

/** Milliseconds without writes in which the store is put in order, as any browser has before it is closed for the day. */
const QUIET = 6000

/**
 * A store of many events, opened anew for each figure.
 * @param {{ profile: string, url: string, count: number, rounds: number, report: import('./figures.mjs').Report }} options
 */
export async function measureLarge({ profile, url, count, rounds, report }) {
  let context = await launch(profile)
  let page = await openPage(context, `${url}index.html`)
  const space = await call(page, 'space')
  await call(page, 'fill', space, { from: 0, to: 1000 })
  const early = await rates(page, space, rounds)
  await call(page, 'fill', space, { from: 1000, to: count })
  await call(page, 'fillRaw', count)
  await page.waitForTimeout(QUIET)
  await context.close()

  // A browser that has only just opened the store: what filling it left to do is done, and nothing is warm.
  context = await launch(profile)
  page = await openPage(context, `${url}index.html`)
  const late = await rates(page, space, rounds)
  await context.close()
  /** @type {number[]} */
  const interrupted = []
  for (let round = 0; round < rounds; round++)
    await inNewBrowser(profile, url, async (fresh) => {
      interrupted.push((await call(fresh, 'first', space, { count, list: false })).first)
    })

  context = await launch(profile)
  page = await openPage(context, `${url}index.html`)
  await call(page, 'first', space, { count, list: false })
  await page.waitForTimeout(QUIET)
  report.row(
    `submits with ${count.toLocaleString('en')} events, events/s`,
    short(late),
    `${short(early)} with 1,000`,
    `${short(late / early)}×`,
    '≥ 0.8×',
  )
  await context.close()

  /** @type {Record<'rawFirst' | 'rawInWorker' | 'rawList' | 'first' | 'list' | 'memory' | 'memoryListed', number[]>} */
  const figures = { rawFirst: [], rawInWorker: [], rawList: [], first: [], list: [], memory: [], memoryListed: [] }
  for (let round = 0; round < rounds; round++) {
    await inNewBrowser(profile, url, async (fresh) => {
      const raw = await call(fresh, 'rawFirst', count)
      figures.rawFirst.push(raw.first)
      figures.rawList.push(raw.list)
    })
    await inNewBrowser(profile, url, async (fresh) => {
      figures.rawInWorker.push(await call(fresh, 'rawFirstInWorker', count))
    })
    await inNewBrowser(profile, url, async (fresh) => {
      const ours = await call(fresh, 'first', space, { count, list: true })
      figures.first.push(ours.first)
      figures.list.push(ours.list)
    })
  }

  for (const list of [false, true]) {
    context = await launch(profile)
    page = await openPage(context, `${url}empty.html`)
    const empty = rendererMemory(profile)
    await page.goto(`${url}index.html`)
    await call(page, 'first', space, { count, list })
    await page.waitForTimeout(1000)
    ;(list ? figures.memoryListed : figures.memory).push(rendererMemory(profile) - empty)
    await context.close()
  }
  const ratio = (/** @type {number[]} */ ours, /** @type {number[]} */ raw) => `${short(median(ours) / median(raw))}×`
  const title = count.toLocaleString('en')
  report.row(
    `${title} events: first getState, ms`,
    short(median(figures.first)),
    short(median(figures.rawFirst)),
    ratio(figures.first, figures.rawFirst),
    '≤ 1.5×',
  )
  report.row(
    `${title} events: the same against raw in a SharedWorker, ms`,
    short(median(figures.first)),
    short(median(figures.rawInWorker)),
    ratio(figures.first, figures.rawInWorker),
    '',
  )
  report.row(`${title} events: first getState after a close in the middle of writes, ms`, short(median(interrupted)), '', '', '')
  report.row(
    `${title} events: first read and list of all, ms`,
    short(median(figures.list)),
    short(median(figures.rawList)),
    ratio(figures.list, figures.rawList),
    '≤ 1.2× (aim 0.8×)',
  )
  report.row(`${title} events: renderers above an empty page, MB`, short(median(figures.memory)), '', '', '≤ 60 MB')
  report.row(`${title} events: the same with all of them listed, MB`, short(median(figures.memoryListed)), '', '', '')
}

/** @param {import('playwright-core').Page} page @param {string} space @param {number} rounds */
async function rates(page, space, rounds) {
  const figures = []
  await call(page, 'singles', space, 100)
  for (let round = 0; round < rounds; round++) figures.push(await call(page, 'singles', space, 300))
  return median(figures)
}

/**
 * A browser of its own for each figure: in one that has the database open already, raw `idb` reads from a warm cache.
 * @param {string} profile
 * @param {string} url
 * @param {(page: import('playwright-core').Page) => Promise<void>} work
 */
async function inNewBrowser(profile, url, work) {
  const context = await launch(profile)
  await work(await openPage(context, `${url}index.html`))
  await context.close()
}
