import { call, launch, openPage, rendererMemory } from './browser.mjs'
import { median, short } from './figures.mjs'

const LAST = 65_536
const LOOK = 100
/** Milliseconds until what was made for the measuring is collected. */
const QUIET = 3_000

/**
 * A file into Chromium's worker and out of it, plain Helia over the same kind of store beside it.
 * @param {{ profile: string, url: string, rounds: number, report: import('./figures.mjs').Report, megabytes?: number }} options
 */
export async function measureIpfsFiles({ profile, url, rounds, report, megabytes = 100 }) {
  const context = await launch(profile)
  try {
    const page = await openPage(context, `${url}files.html`)
    await call(page, 'warm')
    /** @type {Record<'plain' | 'open' | 'sealed' | 'memory' | 'first' | 'range' | 'whole', number[]>} */
    const figures = { plain: [], open: [], sealed: [], memory: [], first: [], range: [], whole: [] }
    for (let round = 0; round < rounds; round++) {
      await call(page, 'make', megabytes)
      figures.plain.push(await call(page, 'putPlain'))
      figures.open.push(await call(page, 'put', `open-${round}`, true))
      await page.waitForTimeout(QUIET)
      const idle = rendererMemory(profile)
      const putting = call(page, 'put', `sealed-${round}`, false)
      figures.memory.push((await peakUntil(putting, profile)) - idle)
      figures.sealed.push(await putting)
      const read = await call(page, 'read', `sealed-${round}`, LAST)
      figures.first.push(read.first)
      figures.range.push(read.range)
      figures.whole.push(read.whole)
    }
    const speed = (/** @type {number[]} */ times) => (megabytes / median(times)) * 1_000
    const plain = speed(figures.plain)
    const row = (/** @type {string} */ what, /** @type {number[]} */ times) =>
      report.row(
        `${megabytes} MB file in, ${what}, MB/s`,
        short(speed(times)),
        short(plain),
        `${(speed(times) / plain).toFixed(2)}×`,
        '≥ 0.5×',
      )
    row('public', figures.open)
    row('sealed', figures.sealed)
    report.row('renderers above idle while it goes in, MB', short(median(figures.memory)), '', '', '≤ 64 MB')
    report.row('first byte of a local sealed file, ms', short(median(figures.first)), '', '', '≤ 50 ms')
    report.row('its last 64 KiB, ms', short(median(figures.range)), `${short(median(figures.whole))} for all`, '', '')
  } finally {
    await context.close()
  }
}

/** @param {Promise<unknown>} work @param {string} profile the highest that is seen, MB */
async function peakUntil(work, profile) {
  let going = true
  const end = () => (going = false)
  work.then(end, end)
  let peak = 0
  while (going) {
    peak = Math.max(peak, rendererMemory(profile))
    await new Promise((resolve) => setTimeout(resolve, LOOK))
  }
  return peak
}
