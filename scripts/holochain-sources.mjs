import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** What is packed, and what is said of it beside. */
export const ARTIFACT = 'holochain/spicetime.happ'
/** The same DNA behind a client that breaks its rules, for tests. */
export const HOSTILE = 'holochain/hostile.happ'
export const RECORD = `${ARTIFACT}.json`
const BUILT = new Set(['target', 'spicetime.happ', 'spicetime.happ.json', 'hostile.happ', '.gitignore', 'README.md'])

/** @param {Uint8Array | string} bytes */
export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * One hash over everything that the packed app is made of: names and contents, in the order of their names.
 * @param {string} root the folder `holochain`
 */
export function hashSources(root) {
  const lines = filesIn(root)
    .filter((file) => !BUILT.has(relative(root, file).split(sep)[0] ?? ''))
    .map((file) => `${relative(root, file).split(sep).join('/')} ${sha256(readFileSync(file))}`)
  return sha256(lines.sort().join('\n'))
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'target' ? [] : filesIn(path)
    return [path]
  })
}
