import { createServer } from 'vite'
import { sourceAliases } from '../scripts/entries.mjs'
import { short } from './figures.mjs'

/**
 * A device that joins a space reads all of its events from the embedded devnet, beside a loop that asks for each transaction and does nothing with it.
 * @param {{ directory: string, report: import('./figures.mjs').Report, events?: number }} options
 */
export async function measureSolanaCatchUp({ directory, report, events = 10_000 }) {
  // In Node, from the source: the devnet runs there too.
  const server = await createServer({
    configFile: false,
    appType: 'custom',
    server: { middlewareMode: true, watch: null, ws: false },
    optimizeDeps: { noDiscovery: true },
    resolve: { alias: sourceAliases() },
  })
  try {
    const { catchUp } = /** @type {typeof import('./solana/catch-up.js')} */ (
      await server.ssrLoadModule(new URL('./solana/catch-up.ts', import.meta.url).pathname)
    )
    const { ours, bare, transactions } = await catchUp(directory, events)
    const rate = (/** @type {number} */ milliseconds) => (events / milliseconds) * 1_000
    report.row(
      `solana: catching up on ${short(events)} events in ${short(transactions)} transactions, events/s`,
      short(rate(ours)),
      short(rate(bare)),
      `${(bare / ours).toFixed(2)}×`,
      '≥ 3×',
    )
  } finally {
    await server.close()
  }
}
