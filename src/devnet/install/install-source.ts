import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import { peerCache, programFile } from '../binaries.js'
import type { Surroundings } from '../binaries.js'
import { holdDirectory } from '../held-directory.js'
import type { ProgramSource } from '../programs.js'
import { isDiskFull } from './build-run.js'
import type { BuildRun } from './build-run.js'
import { buildCrate, fetchCrate } from './crate-source.js'
import { buildModule, fetchModule } from './go-source.js'
import { requireToolchain, versionSaid } from './toolchain.js'

/** Below the cache, where no program is looked for. */
const BUILDING = '.building'
const HOLDER = 'installing.pid'

export interface InstallOptions extends Pick<BuildRun, 'progress' | 'signal'> {
  readonly around: Surroundings
}

/** The folder in which a source is built; it stays when the build fails, so that the next one goes on. */
export function buildFolder(source: ProgramSource, around: Surroundings): string {
  return join(peerCache(around), BUILDING, `${source.name.split('/').at(-1)}-${source.version}`)
}

/**
 * Nothing when the source can be built here.
 * @throws SpiceTimeError PROGRAM_MISSING without its toolchain, STORAGE_FULL when the disk has not got the room
 */
export async function requireBuildable(source: ProgramSource, around: Surroundings): Promise<void> {
  await requireToolchain(source, around.environment)
  const folder = buildFolder(source, around)
  // What a build that was cut off has written already is counted as free: it is used again.
  if (existsSync(folder)) return
  const { bavail, bsize } = await statfs(existingAbove(folder))
  const free = Math.floor((bavail * bsize) / 1e6)
  if (free >= source.megabytes) return
  const message = `Building ${source.programs.join(' and ')} takes some ${source.megabytes} MB, and the disk of ${peerCache(around)} has ${free} MB free. Make room, or get a built one${source.releases === undefined ? '' : ` from ${source.releases}`}.`
  throw new SpiceTimeError('STORAGE_FULL', message, { folder: peerCache(around) })
}

/**
 * Downloads a source with cargo or go, compares its sum with the pinned one, builds it, and moves its programs into the cache once all of them run.
 * Whatever fails leaves the cache's programs as they were.
 * @returns the paths of the programs
 * @throws SpiceTimeError PROGRAM_MISSING, STORAGE_FULL, CONTENT_DAMAGED, DEVNET_FAILED or ABORTED
 */
export async function installSource(source: ProgramSource, { around, ...run }: InstallOptions): Promise<readonly string[]> {
  await requireBuildable(source, around)
  const folder = buildFolder(source, around)
  try {
    mkdirSync(folder, { recursive: true })
    const release = holdDirectory({ directory: folder, holder: HOLDER, what: `build of ${source.name}` })
    try {
      const built = await buildIn({ ...run, folder, environment: around.environment }, source)
      return await place(source, built, around)
    } finally {
      release()
    }
  } catch (error) {
    if (isDiskFull(error))
      throw new SpiceTimeError(
        'STORAGE_FULL',
        `The disk is full: nothing was installed. Make room, or delete ${folder}.`,
        { folder },
        error,
      )
    throw error
  }
}

async function buildIn(run: BuildRun, source: ProgramSource): Promise<string> {
  // What an earlier build staged is made anew.
  rmSync(join(run.folder, 'stage'), { recursive: true, force: true })
  switch (source.kind) {
    case 'crate':
      return buildCrate(run, source, await fetchCrate(run, source))
    case 'go':
      return buildModule(run, source, await fetchModule(run, source))
  }
}

/** Each program is there whole or not at all: it is renamed into the cache, which lies on the same disk. */
async function place(source: ProgramSource, built: string, around: Surroundings): Promise<readonly string[]> {
  const folder = buildFolder(source, around)
  for (const program of source.programs) {
    const version = await versionSaid(join(built, programFile(program)), ['--version'], around.environment)
    if (version === source.version) continue
    const message = `${program} was built, but says that it is ${version ?? 'nothing at all'} and not ${source.version}: nothing was installed. See ${folder}.`
    throw new SpiceTimeError('DEVNET_FAILED', message, { program })
  }
  const placed = source.programs.map((program) => {
    const path = join(peerCache(around), programFile(program))
    renameSync(join(built, programFile(program)), path)
    return path
  })
  rmSync(folder, { recursive: true, force: true })
  return placed
}

function existingAbove(folder: string): string {
  return existsSync(folder) ? folder : existingAbove(dirname(folder))
}
