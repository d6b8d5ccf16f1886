// Adds to package-lock.json what npm leaves out when it cannot see a native package of another platform: without its entry `npm ci` refuses the
// lock, and `npm install` on that platform misses its binary. Run it after `npm install`; `scripts/lock.test.ts` says when that is needed.
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** @typedef {{ version?: string, dev?: boolean, optional?: boolean, os?: string[], cpu?: string[], libc?: string[], optionalDependencies?: Record<string, string> }} Locked */
/** @typedef {{ packages: Record<string, Locked> }} Lock */

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

/**
 * The optional packages that the lock names without an entry of their own, each with the entry that it should have.
 * @param {Lock} lock
 * @returns {Record<string, Locked>}
 */
export function missingEntries({ packages }) {
  /** @type {Record<string, Locked>} */
  const missing = {}
  for (const [path, locked] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(locked.optionalDependencies ?? {})) {
      if (places(path).some((place) => `${place}node_modules/${name}` in packages)) continue
      const { os, cpu, libc } = platformOf(name)
      // In npm's own order of keys.
      missing[`node_modules/${name}`] = {
        version,
        cpu,
        ...(locked.dev === true ? { dev: true } : {}),
        ...(libc === undefined ? {} : { libc }),
        optional: true,
        os,
      }
    }
  }
  return missing
}

/**
 * Where Node looks for what a package imports, nearest first.
 * @param {string} path
 */
function places(path) {
  const folders = path.split('/node_modules/')
  return [...folders.map((_, at) => `${folders.slice(0, folders.length - at).join('/node_modules/')}/`), '']
}

/** @param {string} name of a native package, which tells its platform */
function platformOf(name) {
  const words = name.split(/[/-]/)
  const os = SYSTEMS.filter((system) => words.includes(system))
  const cpu = PROCESSORS.filter((processor) => words.includes(processor))
  if (os.length === 0 || cpu.length === 0)
    throw new Error(`${name} is missing from package-lock.json, and its name does not say for which platform it is. Add it by hand.`)
  const libc = words.some((word) => word.startsWith('musl'))
    ? ['musl']
    : words.some((word) => word.startsWith('gnu'))
      ? ['glibc']
      : undefined
  return { os, cpu, libc }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const lock = /** @type {Lock} */ (JSON.parse(readFileSync('package-lock.json', 'utf8')))
  const missing = missingEntries(lock)
  const packages = Object.fromEntries(Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => a.localeCompare(b, 'en')))
  writeFileSync('package-lock.json', `${JSON.stringify({ ...lock, packages }, null, 2)}\n`)
  console.log(`package-lock.json: added ${Object.keys(missing).length} packages of other platforms.`)
}
