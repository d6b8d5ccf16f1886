import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/**
 * The Chromium that the tests drive: the one that SPICETIME_CHROMIUM names, Playwright's own download, or the first on PATH.
 * @returns {string} an absolute path
 * @throws {Error} when there is none; the message says what to install
 */
export function findChromium() {
  const named = process.env['SPICETIME_CHROMIUM']
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return named
    throw new Error(`SPICETIME_CHROMIUM names ${named}, which is not an executable file.`)
  }
  const own = chromium.executablePath()
  if (existsSync(own)) return own
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of NAMES) if (isExecutable(join(folder, name))) return join(folder, name)
  }
  throw new Error(
    'No Chromium found. Run `npx playwright install chromium`, install your system’s chromium, or set SPICETIME_CHROMIUM to one.',
  )
}

/** Arguments for a test's Chromium: nothing of its own on the network, and no sandbox where root could not have one. */
export function chromiumArguments() {
  const quiet = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-domain-reliability',
    '--disable-sync',
    '--no-first-run',
  ]
  return process.getuid?.() === 0 ? [...quiet, '--no-sandbox'] : quiet
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
