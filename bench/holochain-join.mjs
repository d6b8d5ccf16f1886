import { short } from './figures.mjs'
import { withSource } from './solana/source.mjs'

/**
 * A device joins a space with a long past, by replaying it and by a snapshot; conductors on loopback.
 * @param {{ directory: string, report: import('./figures.mjs').Report, events?: number, documents?: number, kept?: string | undefined }} options
 */
export async function measureHolochainJoin({ report, events = 10_000, documents = 500, kept, ...options }) {
  await withSource('../holochain/join.ts', async (/** @type {typeof import('./holochain/join.js')} */ { measureJoin }) => {
    const { start, whole, snapshot } = await measureJoin({ ...options, events, documents, ...(kept === undefined ? {} : { kept }) })
    const seconds = (/** @type {{ milliseconds: number }} */ joined) => joined.milliseconds / 1_000
    const row = (/** @type {string} */ what, /** @type {number} */ ours, /** @type {number} */ beside) =>
      report.row(
        `holochain: joining a space of ${short(events)} events in ${short(documents)} documents by its snapshot, ${what}`,
        short(ours),
        short(beside),
        `${(ours / beside).toFixed(3)}×`,
        '≤ 0.1×',
      )
    row('s', seconds(snapshot), seconds(whole))
    row('s beyond a conductor that starts', seconds(snapshot) - seconds(start), seconds(whole) - seconds(start))
    row('kB', snapshot.bytes / 1_000, whole.bytes / 1_000)
    report.row(
      'holochain: joining a space of one event, which is a conductor that starts and finds the others, s',
      short(seconds(start)),
      '',
      '',
      '',
    )
  })
}
