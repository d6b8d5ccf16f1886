import { median, percentile, short } from './figures.mjs'
import { withSource } from './solana/source.mjs'

/**
 * Two devices with a real conductor each, on loopback.
 * @param {{ directory: string, report: import('./figures.mjs').Report, edits?: number, backlogEvents?: number }} options
 */
export async function measureHolochainSync({ directory, report, edits = 20, backlogEvents = 10_000 }) {
  await withSource('../holochain/sync.ts', async (/** @type {typeof import('./holochain/sync.js')} */ { measureSync }) => {
    const found = await measureSync({ directory, edits, backlogEvents })
    const both = (/** @type {readonly number[]} */ times) => `${short(median([...times]))} / ${short(percentile([...times], 0.95))}`
    report.row('holochain: edit seen by the other device, by signal, ms p50 / p95', both(found.bySignal), '', '', 'p50 ≤ 300 ms')
    report.row('holochain: the same by the DHT, ms p50 / p95', both(found.byDht), '', '', 'p50 ≤ 1,500 ms')
    const seconds = short(found.backlog / 1_000)
    report.row(`holochain: backlog of ${short(found.backlogEvents)} events until the other device shows it, s`, seconds, '', '', '≤ 60 s')
    report.row('holochain: entries for each of its events', (found.entries / found.backlogEvents).toFixed(4), '', '', '')
  })
}
