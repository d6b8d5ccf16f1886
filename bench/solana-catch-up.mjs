import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { median, short } from './figures.mjs'
import { withSource } from './solana/source.mjs'

/** Rounds beside one another; the median counts. */
const ROUNDS = 3
/** Milliseconds that each answer takes longer, as over a network; one round, since the bare loop waits for each of its answers. */
const LATENCY = 20

/**
 * A device that joins a space reads all of its events from the embedded devnet, beside a loop that asks for each transaction and does nothing with it.
 * The devnet runs in a process of its own, and who wrote the events is gone.
 * @param {{ directory: string, report: import('./figures.mjs').Report, events?: number }} options
 */
export async function measureSolanaCatchUp({ directory, report, events = 10_000 }) {
  const devnet = fork(new URL('./solana/devnet-process.mjs', import.meta.url).pathname, [join(directory, 'devnet'), '50'])
  try {
    const [{ url, controlUrl }] = await once(devnet, 'message')
    await withSource('catch-up.ts', async (/** @type {typeof import('./solana/catch-up.js')} */ { fill, catchUp, askOneByOne }) => {
      const filled = await fill(join(directory, 'writer'), url, events)
      const measure = async (/** @type {string} */ name, /** @type {number} */ rounds) => {
        /** @type {{ ours: number, bare: number, transactions: number }[]} */
        const found = []
        for (let round = 0; round < rounds; round++) {
          const ours = await catchUp(join(directory, `${name}-${round}`), filled)
          const { milliseconds: bare, transactions } = await askOneByOne(filled)
          found.push({ ours, bare, transactions })
        }
        const [ours, bare] = [median(found.map((one) => one.ours)), median(found.map((one) => one.bare))]
        const rate = (/** @type {number} */ milliseconds) => short((events / milliseconds) * 1_000)
        const what = `solana: catching up on ${short(events)} events in ${short(found[0]?.transactions ?? 0)} transactions${name}, events/s`
        report.row(what, rate(ours), rate(bare), `${(bare / ours).toFixed(2)}×`, '≥ 3×')
      }
      await measure('', ROUNDS)
      await set(controlUrl, { delayMilliseconds: LATENCY })
      await measure(`, ${LATENCY} ms an answer`, 1)
    })
  } finally {
    devnet.disconnect()
    await once(devnet, 'exit')
  }
}

/** @param {string} controlUrl @param {object} switches */
async function set(controlUrl, switches) {
  const body = JSON.stringify({ do: 'set', switches })
  const answer = await fetch(controlUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  if (!answer.ok) throw new Error(await answer.text())
}
