import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'

/** What one installation runs its commands with. */
export interface BuildRun {
  /** A folder of its own below the cache: the same one each time, so that a build that was cut off goes on. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Each line that a command writes, as it comes. */
  readonly progress: (line: string) => void
  readonly signal?: AbortSignal
}

export interface Command {
  readonly program: string
  readonly arguments: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** The run's own folder, unless said otherwise. */
  readonly directory?: string
}

export const LOG = 'build.log'

const DISK_FULL = /No space left on device|ENOSPC|\(os error 28\)|not enough space on the disk|disk quota exceeded/i

/** Told of a command that failed or was not allowed to end; with what it wrote. */
interface Failure {
  readonly run: BuildRun
  readonly doing: string
  readonly reason: string
  readonly full: boolean
}

/**
 * Runs a command to its end and gives what it wrote to standard output; both streams go to the folder's `build.log`.
 * @param doing what it is for, as a sentence goes on: 'building holochain 0.7.1'
 * @throws SpiceTimeError DEVNET_FAILED when it fails, STORAGE_FULL when for want of disk, ABORTED when the signal ended it; the log is kept
 */
export async function runCommand(run: BuildRun, command: Command, doing: string): Promise<string> {
  const log = `${run.folder}/${LOG}`
  const child = spawn(command.program, command.arguments, {
    cwd: command.directory ?? run.folder,
    env: { ...run.environment, ...command.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(run.signal === undefined ? {} : { signal: run.signal }),
  })
  let full = false
  let unwritten: unknown
  const output: string[] = []
  const hear = (line: string): void => {
    full ||= DISK_FULL.test(line)
    try {
      appendFileSync(log, `${line}\n`)
    } catch (error) {
      unwritten ??= error
    }
    run.progress(line)
  }
  createInterface(child.stdout).on('line', (line) => {
    output.push(line)
    hear(line)
  })
  createInterface(child.stderr).on('line', hear)
  const ended = await new Promise<number | Error>((resolve) => {
    child.once('close', (code) => resolve(code ?? new Error('it was killed')))
    // One that was ended by the signal still writes until it is closed.
    child.once('error', (error) => void (error.name !== 'AbortError' && resolve(error)))
  })
  if (run.signal?.aborted === true) throw new SpiceTimeError('ABORTED', `Ended while ${doing}. The same command goes on where it was.`)
  full ||= isDiskFull(unwritten)
  if (ended === 0 && unwritten === undefined) return output.join('\n')
  const reason = ended instanceof Error ? ended.message : `it ended with code ${ended}`
  throw failed({ run, doing, reason, full })
}

function failed({ run, doing, reason, full }: Failure): SpiceTimeError {
  const log = `${run.folder}/${LOG}`
  if (full) {
    const message = `The disk is full: ${doing} failed, and nothing was installed. Make room and start it again, or delete ${run.folder}. The log is ${log}.`
    return new SpiceTimeError('STORAGE_FULL', message, { folder: run.folder })
  }
  const message = `${doing} failed (${reason}), and nothing was installed. What went wrong is in ${log}; start it again and it goes on, or delete ${run.folder}.`
  return new SpiceTimeError('DEVNET_FAILED', message.charAt(0).toUpperCase() + message.slice(1), { folder: run.folder })
}

export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}
