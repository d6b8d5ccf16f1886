import puppeteer from 'puppeteer-core'
import type { Browser, Page } from 'puppeteer-core'
import { findFirefox } from '../../scripts/find-firefox.mjs'
import type { Told } from '../tabs/page/tab.js'
import { expect, test as base } from '../tabs/build-app.js'

/** Milliseconds that Firefox may take to come up. */
const START_BOUND = 60_000

interface Fixtures {
  /** Starts Firefox on the profile of this test, over WebDriver BiDi; closed after the test. */
  readonly launchFirefox: () => Promise<Browser>
}

/** Playwright's `test` with the tests' app and a stock Firefox: skipped where there is none. */
export const test = base.extend<Fixtures>({
  launchFirefox: async ({ profile }, use) => {
    const executablePath = findFirefox()
    base.skip(executablePath === undefined, 'There is no Firefox: install one, or name it in SPICETIME_FIREFOX.')
    if (executablePath === undefined) return
    const opened: Browser[] = []
    await use(async () => {
      const browser = await puppeteer.launch({ browser: 'firefox', executablePath, userDataDir: profile, timeout: START_BOUND })
      opened.push(browser)
      return browser
    })
    for (const browser of opened) if (browser.connected) await browser.close()
  },
})

/** @param lacking what the browser has and the page's scripts shall not find */
export async function openTab(browser: Browser, url: string, lacking: readonly string[] = []): Promise<Page> {
  const page = await browser.newPage()
  await page.evaluateOnNewDocument((names) => names.forEach((name) => Reflect.deleteProperty(globalThis, name)), lacking)
  await page.goto(url)
  return page
}

/** The last report of a page, once it has that state. */
export async function reported(page: Page, state: Told['state']): Promise<Told> {
  const last = (): Promise<Told | undefined> => page.evaluate(() => globalThis.tab.told().at(-1))
  await expect.poll(async () => (await last())?.state, { intervals: [20] }).toBe(state)
  const report = await last()
  if (report === undefined) throw new Error('The page reported nothing.')
  return report
}
