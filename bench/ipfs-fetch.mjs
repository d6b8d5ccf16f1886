import { median, short } from './figures.mjs'
import { withSource } from './solana/source.mjs'

/**
 * A file that a Kubo on loopback has.
 * @param {{ directory: string, report: import('./figures.mjs').Report, rounds: number, megabytes?: number }} options
 */
export async function measureIpfsFetch({ directory, report, rounds, megabytes = 10 }) {
  await withSource('../ipfs/fetch.ts', async (/** @type {typeof import('./ipfs/fetch.js')} */ { measureFetch }) => {
    const found = await measureFetch({ directory, rounds, bytes: megabytes * 1_000_000 })
    const of = (/** @type {'plain' | 'byPeer' | 'byGateway'} */ way) => median(found.map((one) => one[way]))
    for (const [way, name] of /** @type {const} */ ([
      ['byPeer', 'from a peer'],
      ['byGateway', 'from a gateway'],
    ]))
      report.row(
        `${megabytes} MB ${name}, ms`,
        short(of(way)),
        `${short(of('plain'))} Helia alone`,
        `${(of('plain') / of(way)).toFixed(2)}×`,
        '≥ 0.7×',
      )
  })
}
