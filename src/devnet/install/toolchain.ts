import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import type { ProgramSource } from '../programs.js'

export type Environment = Readonly<Record<string, string | undefined>>

const run = promisify(execFile)

/** What cargo asks for here: `cargo info` downloads one package. */
const OLDEST_CARGO = '1.82'
/** From this one on, go fetches the newer toolchain that a module asks for, unless GOTOOLCHAIN forbids it. */
const FETCHES_ITSELF = '1.21'

const RUSTUP = 'https://rustup.rs'
const GO = 'https://go.dev/dl'

/**
 * Nothing when the toolchain that builds the source is there and new enough.
 * @throws SpiceTimeError PROGRAM_MISSING, which says which toolchain is wanted
 */
export async function requireToolchain(source: ProgramSource, environment: Environment): Promise<void> {
  switch (source.kind) {
    case 'crate': {
      const cargo = await versionSaid('cargo', ['--version'], environment)
      const rustc = await versionSaid(environment['RUSTC'] ?? 'rustc', ['--version'], environment)
      const wanted = `Rust ${source.rust} or newer, with cargo (${RUSTUP})`
      if (cargo === undefined || rustc === undefined) throw missing(source, `${wanted} was not found on the PATH`)
      if (isOlder(rustc, source.rust) || isOlder(cargo, OLDEST_CARGO)) {
        throw missing(source, `${wanted} is needed; here are rustc ${rustc} and cargo ${cargo}. \`rustup update\` gets a newer one`)
      }
      return
    }
    case 'go': {
      const go = await versionSaid('go', ['env', 'GOVERSION'], environment)
      const wanted = `Go ${source.go} or newer (${GO})`
      if (go === undefined) throw missing(source, `${wanted} was not found on the PATH`)
      if (isOlder(go, source.go) && !(await fetchesItself(go, environment))) throw missing(source, `${wanted} is needed; here is Go ${go}`)
      return
    }
  }
}

async function fetchesItself(go: string, environment: Environment): Promise<boolean> {
  if (isOlder(go, FETCHES_ITSELF)) return false
  const { stdout } = await run('go', ['env', 'GOTOOLCHAIN'], { env: { ...environment } })
  return /auto|path/.test(stdout)
}

function missing(source: ProgramSource, what: string): SpiceTimeError {
  const message = `${source.programs.join(' and ')} can’t be built: ${what}.`
  return new SpiceTimeError('PROGRAM_MISSING', message, { program: source.programs.join(' ') })
}

/** The first version number that a program says of itself; undefined when it can't be run or says none. */
export async function versionSaid(program: string, words: readonly string[], environment: Environment): Promise<string | undefined> {
  try {
    const { stdout } = await run(program, words, { env: { ...environment }, timeout: 20_000 })
    return /\d+\.\d+(\.\d+)?(-[\w.]+)?/.exec(stdout)?.[0]
  } catch {
    // Not there, or not for this machine: without a version it is of no use either way.
    return undefined
  }
}

/** Compares numbers alone: a prerelease counts as its release. */
export function isOlder(version: string, wanted: string): boolean {
  const [have, need] = [version, wanted].map((text) => text.split(/[.-]/).map((part) => Number.parseInt(part, 10)))
  for (const [index, least] of (need ?? []).entries()) {
    const part = have?.[index] ?? 0
    if (part !== least) return part < least
  }
  return false
}
