import { short } from './figures.mjs'
import { withSource } from './solana/source.mjs'

/** Events of one author, submitted at once. */
const EVENTS = 1_000
/** Around the memo of one event: what a transaction of the same form takes. */
const BYTES_AROUND_MEMO = 294
const BASE_FEE = 5_000

/**
 * A burst of small consensus events on the embedded devnet, and what it would be with one event in each transaction, its signed bytes in base 64.
 * @param {{ directory: string, report: import('./figures.mjs').Report }} options
 */
export async function measureSolanaBatching({ directory, report }) {
  const { transactions, bytes, fees, signedBytes, milliseconds } = await runBurst(directory)
  const naiveBytes = signedBytes.reduce((sum, size) => sum + BYTES_AROUND_MEMO + Math.ceil(size / 3) * 4, 0)
  const row = (/** @type {string} */ what, /** @type {[number, number]} */ [ours, naive], wanted = '') =>
    report.row(what, short(ours), short(naive), `${(ours / naive).toFixed(2)}×`, wanted)
  row('solana: transactions for 1,000 events (naive: one each)', [transactions, EVENTS], '≤ 0.5× (aim 0.33×)')
  row('solana: bytes on the chain for an event', [bytes / EVENTS, naiveBytes / EVENTS])
  row('solana: fee for an event, lamports', [fees / EVENTS, BASE_FEE])
  report.row('solana: burst of 1,000 until all are confirmed, ms', short(milliseconds), '', '', '')
}

/**
 * In Node, from the source: the devnet runs there too.
 * @param {string} directory
 */
async function runBurst(directory) {
  return await withSource('burst.ts', async (/** @type {typeof import('./solana/burst.js')} */ { burst }) => await burst(directory, EVENTS))
}
