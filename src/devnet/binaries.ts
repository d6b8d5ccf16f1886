import { accessSync, constants, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import { howToGet } from './programs.js'
import type { PeerProgram } from './programs.js'

/** Names the folder with the unpacked programs. When it is set, a program that is not found is a failure and not a test to skip. */
export const PEERS_VARIABLE = 'SPICETIME_PEERS'

/** Where a program is looked for: what `process.env` says, and the home folder. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly home: string
}

/** This process's own. */
export function surroundings(): Surroundings {
  return { environment: process.env, home: homedir() }
}

/** The folder in which `npm run devnet:install` keeps programs. */
export function peerCache({ home }: Pick<Surroundings, 'home'> = surroundings()): string {
  return join(home, '.cache', 'spicetime', 'peers')
}

/** The program's path: in the folder that SPICETIME_PEERS names, else on the PATH, else in the own cache. Undefined when it is nowhere. */
export function findProgram(program: PeerProgram, around: Surroundings = surroundings()): string | undefined {
  const named = around.environment[PEERS_VARIABLE]
  const folders = [
    ...(named === undefined || named === '' ? [] : [named]),
    ...(around.environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
    peerCache(around),
  ]
  return folders.map((folder) => join(folder, programFile(program))).find(isExecutable)
}

/** What the program's file is called on this system. */
export function programFile(program: string): string {
  return process.platform === 'win32' ? `${program}.exe` : program
}

/**
 * Like {@link findProgram}, for who can't go on without.
 * @throws SpiceTimeError PROGRAM_MISSING, which says where it was looked for and how to get it
 */
export function requireProgram(program: PeerProgram, around: Surroundings = surroundings()): string {
  const found = findProgram(program, around)
  if (found !== undefined) return found
  const named = around.environment[PEERS_VARIABLE]
  const looked = named === undefined || named === '' ? '' : `in ${named} (${PEERS_VARIABLE}), `
  throw new SpiceTimeError(
    'PROGRAM_MISSING',
    `${program} was not found: looked ${looked}on the PATH and in ${peerCache(around)}. Get one with \`${howToGet([program])}\`, or name its folder in ${PEERS_VARIABLE}.`,
    { program },
  )
}

/**
 * For `describe.skipIf(!hasPrograms(…))` of a `.peer.test.ts`: whether all of them are there.
 * @throws SpiceTimeError PROGRAM_MISSING when SPICETIME_PEERS is set and one is missing: whoever sets it wants these tests to run
 */
export function hasPrograms(programs: readonly PeerProgram[], around: Surroundings = surroundings()): boolean {
  const named = around.environment[PEERS_VARIABLE]
  if (named !== undefined && named !== '') for (const program of programs) requireProgram(program, around)
  return programs.every((program) => findProgram(program, around) !== undefined)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    // Not there, or not for us: the next folder may have it.
    return false
  }
}
