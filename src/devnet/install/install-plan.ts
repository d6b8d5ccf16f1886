import { findProgram, peerCache, programFile } from '../binaries.js'
import type { Surroundings } from '../binaries.js'
import { PEER_PROGRAMS, sourceOf } from '../programs.js'
import type { PeerProgram, ProgramSource } from '../programs.js'
import { join } from 'node:path'
import { versionSaid } from './toolchain.js'

/** What there is of one program on this machine. */
export interface Found {
  readonly program: PeerProgram
  readonly wanted: string
  /** Undefined when it is nowhere. */
  readonly path: string | undefined
  /** What it says of itself; undefined when it can't be run. */
  readonly version: string | undefined
}

/** Looks where the devnet looks, and asks each program for its version. */
export async function surveyPrograms(around: Surroundings, programs: readonly PeerProgram[] = PEER_PROGRAMS): Promise<readonly Found[]> {
  return Promise.all(
    programs.map(async (program) => {
      const path = findProgram(program, around)
      const version = path === undefined ? undefined : await versionSaid(path, ['--version'], around.environment)
      return { program, wanted: sourceOf(program).version, path, version }
    }),
  )
}

/** One line for each program: where it is, and in which version. */
export function surveyLines(found: readonly Found[]): readonly string[] {
  return found.map(({ program, wanted, path, version }) => {
    if (path === undefined) return `${program.padEnd(NAME_WIDTH)} missing  (${wanted})`
    const said = version === wanted ? wanted : `${version ?? 'of no version that it says'}, not ${wanted}`
    return `${program.padEnd(NAME_WIDTH)} found    (${said}) ${path}`
  })
}

const NAME_WIDTH = Math.max(...PEER_PROGRAMS.map(({ length }) => length))

export interface InstallPlan {
  readonly sources: readonly ProgramSource[]
  /** For the person who is asked: what happens, for how long, with how much disk. */
  readonly lines: readonly string[]
}

/**
 * What would be built: each source once, of programs that are nowhere, or in the own cache in another version. One that lies elsewhere is the user's: it would be
 * found before ours, so none is built.
 */
export function planInstall(found: readonly Found[], around: Surroundings): InstallPlan {
  const ours = (program: PeerProgram): string => join(peerCache(around), programFile(program))
  const needed = found.filter(({ program, path, version, wanted }) => path === undefined || (path === ours(program) && version !== wanted))
  const sources = [...new Set(needed.map(({ program }) => sourceOf(program)))]
  const others = found.filter((one) => !needed.includes(one))
  return { sources, lines: [...surveyLines(others), ...sources.flatMap((source) => sourceLines(source, around))] }
}

function sourceLines(source: ProgramSource, around: Surroundings): readonly string[] {
  const { name, version, programs, needs, minutes, megabytes, releases } = source
  const [tool, registry, sum] =
    source.kind === 'crate' ? ['cargo', 'registry', `SHA-256 ${source.sha256}`] : ['go', 'module proxy', `sum ${source.h1}`]
  return [
    `${programs.join(', ')}: downloads ${name} ${version} from the ${registry} that ${tool} uses, compares its ${sum},`,
    `  builds it with ${tool} (needs ${needs}), and puts ${programs.length === 1 ? 'it' : 'them'} into ${peerCache(around)}`,
    `  takes some ${minutes} minutes on two cores`,
    `  takes some ${megabytes} MB of disk while it builds, besides what ${tool} keeps of what it downloads`,
    ...(releases === undefined ? [] : [`  or put a built one on the PATH: ${releases}`]),
  ]
}
