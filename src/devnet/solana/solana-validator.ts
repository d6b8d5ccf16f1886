import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import { requireProgram } from '../binaries.js'
import type { SolanaPeer } from './solana-peer.js'

/** From the first port on: RPC, websocket, faucet, gossip, and those that the validator takes for itself. */
const PORTS = 40
const LOWEST_PORT = 20_000
const HIGHEST_PORT = 60_000
const TRIES = 5
const LOOK = 200
/** Before its first blocks are final, it lets transactions wait for seconds. */
const WARM_SLOT = 1

/**
 * The real `solana-test-validator` on loopback, with a ledger of its own that goes when it is closed. It takes some 25 seconds and a core.
 * @throws SpiceTimeError PROGRAM_MISSING, DEVNET_FAILED when it ends before it answers
 */
export async function startSolanaValidator(): Promise<SolanaPeer> {
  const program = requireProgram('solana-test-validator')
  const directory = await mkdtemp(join(tmpdir(), 'spicetime-validator-'))
  let ended: string | undefined
  for (let tries = 0; tries < TRIES; tries++) {
    const port = await freePorts()
    const child = spawn(program, argumentsFor(port, join(directory, String(tries))), { stdio: 'ignore' })
    const url = `http://127.0.0.1:${port}`
    ended = await untilReady(child, url)
    if (ended === undefined) return peerOf(child, { url, websocketUrl: `ws://127.0.0.1:${port + 1}`, directory })
  }
  await rm(directory, { recursive: true, force: true })
  throw new SpiceTimeError('DEVNET_FAILED', `${program} ended ${TRIES} times before it answered (${ended}). Run it by hand to see why.`, {
    program,
  })
}

function argumentsFor(port: number, ledger: string): readonly string[] {
  return [
    ...['--ledger', ledger, '--bind-address', '127.0.0.1', '--limit-ledger-size', '10000', '--quiet'],
    ...['--rpc-port', `${port}`, '--faucet-port', `${port + 2}`, '--gossip-port', `${port + 3}`],
    ...['--dynamic-port-range', `${port + 4}-${port + PORTS}`],
  ]
}

function peerOf(
  child: ChildProcess,
  { url, websocketUrl, directory }: { url: string; websocketUrl: string; directory: string },
): SolanaPeer {
  return {
    kind: 'validator',
    url,
    websocketUrl,
    step: async (slots = 1) => {
      const wanted = ((await slotAt(url)) ?? 0) + slots
      while (((await slotAt(url)) ?? 0) < wanted) await pause()
    },
    close: async () => {
      await end(child)
      await rm(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Undefined once it makes blocks at its full pace; else how it ended. */
async function untilReady(child: ChildProcess, url: string): Promise<string | undefined> {
  const state: { ended?: string } = {}
  child.once('error', (error) => (state.ended = error.message))
  child.once('exit', (code, signal) => (state.ended = `exit ${code ?? signal}`))
  while (state.ended === undefined) {
    if (((await slotAt(url, 'finalized')) ?? 0) >= WARM_SLOT) return undefined
    await pause()
  }
  return state.ended
}

/** The newest slot of that commitment; undefined while nothing answers. */
async function slotAt(url: string, commitment: 'confirmed' | 'finalized' = 'confirmed'): Promise<number | undefined> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getSlot', params: [{ commitment }] })
  try {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const answer: unknown = await response.json()
    const slot = typeof answer === 'object' && answer !== null && 'result' in answer ? answer.result : undefined
    return typeof slot === 'number' ? slot : undefined
  } catch {
    // Not there yet: the caller looks again, or sees that it ended.
    return undefined
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

/** The first of many ports in a row; that those of TCP can be taken is tried. */
async function freePorts(): Promise<number> {
  for (;;) {
    const first = randomInt(LOWEST_PORT, HIGHEST_PORT - PORTS)
    const free = await Promise.all(Array.from({ length: 4 }, (_, index) => isFree(first + index)))
    if (free.every(Boolean)) return first
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK))
}
