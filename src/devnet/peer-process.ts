import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { SpiceTimeError } from '../runtime/errors/spice-time-error.js'

/** A program of a network that runs until it is ended. */
export interface PeerProcess {
  /** What the awaited line's groups said. */
  readonly found: readonly string[]
  /** Resolves when it has ended, by itself or not. */
  readonly ended: Promise<void>
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>
  /** Ends it without asking, as a power cut would. */
  kill(): Promise<void>
}

export interface PeerStart {
  readonly program: string
  readonly arguments: readonly string[]
  /** Lines that it must have written, in any order, before it counts as started; their groups are what is `found`. */
  readonly lines: readonly RegExp[]
  readonly input?: string
  readonly environment?: Readonly<Record<string, string>>
}

const KEPT_LINES = 40

/** @throws SpiceTimeError NETWORK_UNAVAILABLE, with the last lines that it wrote, when it ends before it has started */
export async function startPeer(start: PeerStart): Promise<PeerProcess> {
  const child = spawn(start.program, start.arguments, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, RUST_LOG: 'error', NO_COLOR: '1', ...start.environment },
  })
  const exited = once(child, 'exit').then(() => undefined)
  const written: string[] = []
  const missing = new Set(start.lines)
  const found: string[] = []
  const started = new Promise<void>((resolve, reject) => {
    const read = (line: string): void => {
      written.push(line)
      if (written.length > KEPT_LINES) written.shift()
      for (const pattern of missing) {
        const match = pattern.exec(line)
        if (match === null) continue
        missing.delete(pattern)
        found.push(...match.slice(1))
      }
      if (missing.size === 0) resolve()
    }
    createInterface(child.stdout).on('line', read)
    createInterface(child.stderr).on('line', read)
    const failed = (cause?: unknown): void =>
      reject(new SpiceTimeError('NETWORK_UNAVAILABLE', `${start.program} did not start: ${written.join('\n')}`, {}, cause))
    child.once('error', failed)
    child.once('exit', () => failed())
  })
  // One that ends before it reads its input is told of by its exit.
  child.stdin.on('error', () => undefined)
  child.stdin.end(start.input ?? '')
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await exited
  }
  await started
  return { found, ended: exited, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}
