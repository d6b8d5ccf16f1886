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
  const { transactions, bytes, fees, signedBytes, milliseconds } = await run(({ burst }) => burst(directory, EVENTS))
  const naiveBytes = signedBytes.reduce((sum, size) => sum + BYTES_AROUND_MEMO + Math.ceil(size / 3) * 4, 0)
  const row = (/** @type {string} */ what, /** @type {[number, number]} */ [ours, naive], wanted = '') =>
    report.row(what, short(ours), short(naive), `${(ours / naive).toFixed(2)}×`, wanted)
  row('solana: transactions for 1,000 events (naive: one each)', [transactions, EVENTS], '≤ 0.5× (aim 0.33×)')
  row('solana: bytes on the chain for an event', [bytes / EVENTS, naiveBytes / EVENTS])
  row('solana: fee for an event, lamports', [fees / EVENTS, BASE_FEE])
  report.row('solana: burst of 1,000 until all are confirmed, ms', short(milliseconds), '', '', '')
  const listed = await run(({ listedBurst }) => listedBurst(directory, EVENTS))
  row('solana: transactions for 1,000 events with storage', [listed.transactions, EVENTS], '≤ 3 transactions')
  row('solana: fee for an event with storage, lamports', [listed.fees / EVENTS, BASE_FEE])
  report.row('solana: burst of 1,000 with storage until all are confirmed, ms', short(listed.milliseconds), '', '', '')
}

/**
 * In Node, from the source: the devnets run there too.
 * @param {(module: typeof import('./solana/burst.js')) => Promise<import('./solana/burst.js').Burst>} work
 */
async function run(work) {
  return await withSource('burst.ts', work)
}
