import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SpiceTimeError } from '../runtime/errors/spice-time-error.js'

export interface Held {
  readonly directory: string
  /** Name of the file in it that says who holds it. */
  readonly holder: string
  /** As people know it: 'Solana devnet'. */
  readonly what: string
}

/**
 * Keeps other processes from writing to a directory. Returns what lets go of it; a process that was killed holds it no longer.
 * @throws SpiceTimeError DEVNET_FAILED while another runs there
 */
export function holdDirectory({ directory, holder, what }: Held): () => void {
  mkdirSync(directory, { recursive: true })
  const path = join(directory, holder)
  const pid = existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined
  if (pid !== undefined && pid !== process.pid && isRunning(pid)) {
    const message = `A ${what} already runs in ${directory}, in process ${pid}: end that one, or delete ${path} if it is another program.`
    throw new SpiceTimeError('DEVNET_FAILED', message, { directory })
  }
  writeFileSync(path, String(process.pid))
  return () => rmSync(path, { force: true })
}

function isRunning(pid: number): boolean {
  try {
    return Number.isSafeInteger(pid) && process.kill(pid, 0)
  } catch (error) {
    // One that is not ours to signal runs all the same.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
