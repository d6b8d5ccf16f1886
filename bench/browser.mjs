import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { chromiumArguments, findChromium } from '../scripts/find-chromium.mjs'

/**
 * A Chromium on a profile of its own, on disk: Playwright's ordinary contexts keep IndexedDB in memory.
 * @param {string} profile
 */
export function launch(profile) {
  return chromium.launchPersistentContext(profile, { executablePath: findChromium(), args: chromiumArguments(), headless: true })
}

/**
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} url
 */
export async function openPage(context, url) {
  const page = await context.newPage()
  await page.goto(url)
  return page
}

/**
 * Calls a method of the page's `bench` object.
 * @param {import('playwright-core').Page} page
 * @param {string} method
 * @param {...unknown} args
 * @returns {Promise<any>}
 */
export function call(page, method, ...args) {
  return page.evaluate(
    ([name, values]) => /** @type {any} */ (globalThis).bench[name](...values),
    /** @type {[string, unknown[]]} */ ([method, args]),
  )
}

/**
 * Private memory of all renderer processes below a browser, in MB: what the pages and workers hold by themselves.
 * @param {string} profile the browser's profile folder, which its processes name
 */
export function rendererMemory(profile) {
  const pids = execFileSync('ps', ['-eo', 'pid,args']).toString().split('\n')
  const browser = pids.find((line) => line.includes(`--user-data-dir=${profile}`) && !line.includes('--type='))
  const root = Number(browser?.trim().split(' ')[0])
  let kilobytes = 0
  for (const pid of descendants(root)) {
    const commandLine = readProcess(pid, 'cmdline')
    if (!commandLine.includes('--type=renderer')) continue
    for (const line of readProcess(pid, 'smaps_rollup').split('\n')) {
      const [name, amount] = line.split(/\s+/)
      if (name === 'Private_Dirty:' || name === 'Private_Clean:') kilobytes += Number(amount)
    }
  }
  return kilobytes / 1024
}

/** @param {number} root @returns {number[]} */
function descendants(root) {
  const rows = execFileSync('ps', ['-eo', 'pid,ppid'])
    .toString()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/).map(Number))
  const found = [root]
  for (const parent of found)
    for (const [pid, ppid] of rows) if (ppid === parent && pid !== undefined && !found.includes(pid)) found.push(pid)
  return found
}

/** @param {number} pid @param {string} file */
function readProcess(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // It ended while it was looked at.
    return ''
  }
}
