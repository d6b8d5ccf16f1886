import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { SpiceTimeError } from '../../runtime/errors/spice-time-error.js'
import type { Block } from './chain/block.js'
import type { Chain, ChainListener, Genesis } from './chain/chain.js'
import { toBase58 } from './chain/base58.js'
import { MalformedTransaction, parseTransaction } from './chain/wire-transaction.js'
import { isRecord } from './rpc/params.js'

const FILE = 'solana-blocks.jsonl'
const VERSION = 1
/** Empty blocks are written once in so many slots; after a crash as many are made anew, so that no slot comes twice. */
const CHECKPOINT_SLOTS = 32

/**
 * Keeps a chain in a file, a line for each block that has transactions: written before anyone can be told of it, so that a killed process loses nothing
 * that it acknowledged. Read again by running the transactions anew.
 *
 * Lines: `{v, genesis, faucet}` (base58, hex), then `{b: slot, t: time, h: hash, n: height, x: [base64…]}`, `{r: height, s: newest slot}` for a rollback,
 * `{up: slot}` for a start and `{end: slot}` for an orderly end.
 */
export class BlockLog implements ChainListener {
  readonly #chain: Chain
  readonly #file: number
  #checkpoint: number

  constructor(chain: Chain, file: number) {
    this.#chain = chain
    this.#file = file
    this.#checkpoint = chain.newestSlot
    // Without it, a process that was killed before its first block would seem to have ended orderly.
    this.#write({ up: chain.newestSlot })
    chain.listen(this)
  }

  onBlock({ slot, time, hash, height, landed }: Block): void {
    if (landed.length === 0 && slot < this.#checkpoint + CHECKPOINT_SLOTS) return
    this.#checkpoint = slot
    const x = landed.map(({ transaction }) => Buffer.from(transaction.raw).toString('base64'))
    this.#write({ b: slot, t: time, h: hash, n: height, x })
  }

  onRollBack(gone: readonly Block[]): void {
    if (gone.length > 0) this.#write({ r: this.#chain.head.height, s: this.#chain.newestSlot })
  }

  close(): void {
    this.#write({ end: this.#chain.newestSlot })
    closeSync(this.#file)
  }

  #write(line: object): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`)
  }
}

/** What a directory holds. */
export interface StoredChain {
  readonly path: string
  readonly genesis: Genesis
  readonly lines: readonly unknown[]
}

export function newGenesis(): Genesis {
  return { hash: toBase58(randomBytes(32)), faucetSeed: randomBytes(32) }
}

/** Reads the directory's chain, or begins one. A last line that was cut off by a crash is dropped. @throws SpiceTimeError DEVNET_FAILED */
export function openChain(directory: string): StoredChain {
  mkdirSync(directory, { recursive: true })
  const path = join(directory, FILE)
  if (!existsSync(path)) beginChain(path, newGenesis())
  const bytes = readFileSync(path)
  const whole = bytes.lastIndexOf('\n') + 1
  if (whole < bytes.length) truncateSync(path, whole)
  const [first, ...lines] = bytes
    .subarray(0, whole)
    .toString('utf8')
    .split('\n')
    .slice(0, -1)
    .map((text, index) => readLine(path, text, index))
  return { path, genesis: readGenesis(path, first), lines }
}

/** Replaces the file by one with that genesis and nothing else. */
export function beginChain(path: string, { hash, faucetSeed }: Genesis): void {
  const line = { v: VERSION, genesis: hash, faucet: Buffer.from(faucetSeed).toString('hex') }
  writeFileSync(`${path}.new`, `${JSON.stringify(line)}\n`)
  renameSync(`${path}.new`, path)
}

/** Brings a chain that has just begun to where the lines end, and keeps it in the file from there on. @throws SpiceTimeError DEVNET_FAILED */
export function continueChain(chain: Chain, { path, lines }: Pick<StoredChain, 'path' | 'lines'>): BlockLog {
  lines.forEach((line, index) => replay(chain, line, () => damaged(path, index + 1)))
  const last = lines.at(-1)
  const orderly = lines.length === 0 || (isRecord(last) && typeof last['end'] === 'number')
  const log = new BlockLog(chain, openSync(path, 'a'))
  if (!orderly) for (let slot = 0; slot < CHECKPOINT_SLOTS; slot++) chain.produce()
  return log
}

function replay(chain: Chain, line: unknown, damage: () => Error): void {
  if (!isRecord(line)) throw damage()
  const { b, t, h, r, s, up, end, x } = line
  if (typeof b === 'number' && typeof t === 'number' && Array.isArray(x)) {
    fill(chain, b - 1, t)
    const transactions = x.map((text: unknown) => readTransaction(text, damage))
    if (!chain.replay(b, t, transactions) || chain.head.hash !== h) throw damage()
  } else if (typeof r === 'number' && typeof s === 'number') {
    fill(chain, s, chain.head.time)
    chain.rollBack(r, 'vanish')
  } else if (typeof up === 'number' || typeof end === 'number') {
    fill(chain, Number(up ?? end), chain.head.time)
  } else {
    throw damage()
  }
}

/** Empty blocks up to that slot. */
function fill(chain: Chain, slot: number, time: number): void {
  while (chain.newestSlot < slot) chain.replay(chain.newestSlot + 1, time, [])
}

function readTransaction(text: unknown, damage: () => Error): ReturnType<typeof parseTransaction> {
  try {
    return parseTransaction(Buffer.from(String(text), 'base64'))
  } catch (error) {
    throw error instanceof MalformedTransaction ? damage() : error
  }
}

function readLine(path: string, text: string, index: number): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw damaged(path, index, error)
  }
}

function readGenesis(path: string, line: unknown): Genesis {
  const { v, genesis, faucet } = isRecord(line) ? line : {}
  if (v !== VERSION || typeof genesis !== 'string' || typeof faucet !== 'string') throw damaged(path, 0)
  return { hash: genesis, faucetSeed: Buffer.from(faucet, 'hex') }
}

function damaged(path: string, index: number, cause?: unknown): SpiceTimeError {
  const message = `Line ${index + 1} of ${path} can't be read: delete the file to begin the Solana devnet anew (its balances and history are lost).`
  return new SpiceTimeError('DEVNET_FAILED', message, { path }, cause)
}
