import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { CrateSource } from '../programs.js'
import { runCommand } from './build-run.js'
import type { BuildRun } from './build-run.js'
import { sumDiffers } from './pinned.js'

/** What compiling leaves behind, for a build that goes on. */
const TARGET = 'target'

/**
 * Has cargo download the package from the registry that it is configured to use, and unpacks the very bytes whose sum was compared.
 * @returns the folder of the package
 * @throws SpiceTimeError CONTENT_DAMAGED when the sum is another; and as {@link runCommand}
 */
export async function fetchCrate(run: BuildRun, crate: CrateSource): Promise<string> {
  const name = `${crate.name}-${crate.version}`
  const pinned = (): Archive | undefined => archives(run, `${name}.crate`).find(({ sum }) => sum === crate.sha256)
  if (pinned() === undefined) {
    // It asks the registry of cargo's own configuration, and looks at no package around it.
    const words = ['info', `${crate.name}@${crate.version}`]
    await runCommand(run, { program: 'cargo', arguments: words }, `downloading ${crate.name} ${crate.version}`)
  }
  const archive = pinned()
  const [other] = archives(run, `${name}.crate`)
  const sums = { pinned: crate.sha256, got: other?.sum ?? 'nothing' }
  if (archive === undefined) throw sumDiffers(crate, sums)
  const copy = join(run.folder, `${name}.crate`)
  writeFileSync(copy, archive.bytes)
  const unpacked = join(run.folder, 'source')
  rmSync(unpacked, { recursive: true, force: true })
  mkdirSync(unpacked)
  await runCommand(run, { program: 'tar', arguments: ['-xzf', copy, '-C', unpacked] }, `unpacking ${name}`)
  return join(unpacked, name)
}

/**
 * Compiles the crate's programs with the versions of its Cargo.lock.
 * @returns the folder with the programs
 * @throws SpiceTimeError as {@link runCommand}
 */
export async function buildCrate(run: BuildRun, crate: CrateSource, source: string): Promise<string> {
  const root = join(run.folder, 'stage')
  const programs = crate.programs.flatMap((program) => ['--bin', program])
  const words = ['install', '--locked', '--no-track', '--force', '--path', source, '--root', root, ...programs]
  const environment = { CARGO_TARGET_DIR: join(run.folder, TARGET) }
  await runCommand(run, { program: 'cargo', arguments: words, environment }, `building ${crate.name} ${crate.version}`)
  return join(root, 'bin')
}

interface Archive {
  readonly bytes: Uint8Array
  readonly sum: string
}

/** What cargo has downloaded under the name, from each of its registries. */
function archives({ environment }: BuildRun, file: string): readonly Archive[] {
  const cache = join(environment['CARGO_HOME'] ?? join(environment['HOME'] ?? homedir(), '.cargo'), 'registry', 'cache')
  if (!existsSync(cache)) return []
  return readdirSync(cache)
    .map((registry) => join(cache, registry, file))
    .filter((path) => existsSync(path))
    .map((path) => {
      const bytes = readFileSync(path)
      return { bytes, sum: createHash('sha256').update(bytes).digest('hex') }
    })
}
