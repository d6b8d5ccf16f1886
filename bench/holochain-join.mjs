import { short } from './figures.mjs'
import { withSource } from './solana/source.mjs'

/**
 * A device joins a space with a long past, by replaying it and by a snapshot; conductors on loopback.
 * @param {{ directory: string, report: import('./figures.mjs').Report, events?: number, documents?: number }} options
 */
export async function measureHolochainJoin({ directory, report, events = 10_000, documents = 500 }) {
  await withSource('../holochain/join.ts', async (/** @type {typeof import('./holochain/join.js')} */ { measureJoin }) => {
    const { whole, snapshot } = await measureJoin({ directory, events, documents })
    const row = (/** @type {string} */ what, /** @type {number} */ ours, /** @type {number} */ beside) =>
      report.row(
        `holochain: joining a space of ${short(events)} events by its snapshot, ${what}`,
        short(ours),
        short(beside),
        `${(ours / beside).toFixed(3)}×`,
        '≤ 0.1×',
      )
    row('s', snapshot.milliseconds / 1_000, whole.milliseconds / 1_000)
    row('kB', snapshot.bytes / 1_000, whole.bytes / 1_000)
  })
}
