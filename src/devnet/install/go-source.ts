import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import { isMap, parseJson } from '../json.js'
import type { GoSource } from '../programs.js'
import { runCommand } from './build-run.js'
import type { BuildRun } from './build-run.js'
import { sumDiffers } from './pinned.js'

/** No workspace and no module of the user's has a say in the build. */
const ALONE = { GOWORK: 'off', GO111MODULE: 'on' }

/**
 * Has go download the module from the proxy that it is configured to use, and sums up what lies in go's cache.
 * @returns the module's folder, in go's cache
 * @throws SpiceTimeError CONTENT_DAMAGED when the sum is another; and as {@link runCommand}
 */
export async function fetchModule(run: BuildRun, module: GoSource): Promise<string> {
  const name = `${module.name}@v${module.version}`
  const words = ['mod', 'download', '-json', name]
  const doing = `downloading ${name}`
  const told = parseJson(await runCommand(run, { program: 'go', arguments: words, environment: ALONE }, doing))
  const folder = isMap(told) ? told['Dir'] : undefined
  if (typeof folder !== 'string')
    throw new SpiceTimeError('DEVNET_FAILED', `go did not say where it put ${name}: see ${run.folder}.`, { name })
  const got = await moduleSum(folder, name)
  if (got !== module.h1) throw sumDiffers(module, { pinned: module.h1, got })
  return folder
}

/**
 * Compiles the module's program with the versions of its go.mod and go.sum.
 * @returns the folder with the program
 * @throws SpiceTimeError as {@link runCommand}
 */
export async function buildModule(run: BuildRun, module: GoSource, source: string): Promise<string> {
  const folder = join(run.folder, 'stage')
  // Cgo off: the program needs no C library of this machine, nor a C compiler to be built. From the module's own folder, so that its go.sum holds.
  const environment = { ...ALONE, GOBIN: folder, GOFLAGS: '-mod=readonly', CGO_ENABLED: '0' }
  const words = ['install', '-v', '-trimpath', `./${module.main}`]
  await runCommand(run, { program: 'go', arguments: words, environment, directory: source }, `building ${module.name} ${module.version}`)
  return folder
}

/** The `h1:` sum of a module's folder: golang.org/x/mod/sumdb/dirhash, Hash1. */
export async function moduleSum(folder: string, name: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, named: `${name}/${relative(folder, path).split(sep).join('/')}` }))
    // By bytes, as Go sorts; UTF-16 order is the same for the names that modules may have.
    .sort((one, other) => (one.named < other.named ? -1 : 1))
  const all = createHash('sha256')
  for (const { path, named } of files) {
    const one = createHash('sha256')
    await pipeline(createReadStream(path), one)
    all.update(`${one.digest('hex')}  ${named}\n`)
  }
  return `h1:${all.digest('base64')}`
}
