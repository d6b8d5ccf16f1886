import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['firefox-esr', 'firefox']

/**
 * The Firefox that some tests drive, a stock one: the one that SPICETIME_FIREFOX names, which then must be there, or the first on PATH.
 * @returns {string | undefined} an absolute path; undefined when there is none
 * @throws {Error} when SPICETIME_FIREFOX names no program
 */
export function findFirefox() {
  const named = process.env['SPICETIME_FIREFOX']
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return named
    throw new Error(`SPICETIME_FIREFOX names ${named}, which is not an executable file.`)
  }
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of NAMES) if (isExecutable(join(folder, name))) return join(folder, name)
  }
  return undefined
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
