// The numbers of the README: the runtime in Chromium on a profile on disk, raw `idb` beside it in the same run, medians of 5 rounds.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, preview } from 'vite'
import { call, launch, openPage } from './browser.mjs'
import { median, percentile, Report, short } from './figures.mjs'
import { measureHolochainJoin } from './holochain-join.mjs'
import { measureHolochainSync } from './holochain-sync.mjs'
import { measureIpfsFetch } from './ipfs-fetch.mjs'
import { measureIpfsFiles } from './ipfs-files.mjs'
import { measureLarge } from './large.mjs'
import { measureTyping } from './holochain-typing.mjs'
import { measureSolanaBatching } from './solana-batching.mjs'
import { measureSolanaCatchUp } from './solana-catch-up.mjs'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const only = process.argv[2]
const report = new Report()
const configFile = new URL('./vite.config.mjs', import.meta.url).pathname
await build({ configFile })
const server = await preview({ configFile, preview: { port: 0, host: '127.0.0.1' } })
const url = server.resolvedUrls?.local[0] ?? ''

/** @param {string} name @param {(profile: string) => Promise<void>} work */
async function section(name, work) {
  if (only !== undefined && only !== name) return
  console.log(`${name} …`)
  const profile = mkdtempSync(join(tmpdir(), 'spicetime-bench-'))
  try {
    await work(profile)
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

await section('writes', async (profile) => {
  const context = await launch(profile)
  const page = await openPage(context, `${url}index.html`)
  const spaces = { me: 'me', team: /** @type {string} */ (await call(page, 'space')) }
  /** @type {Record<string, number[]>} */
  const figures = {}
  const note = (/** @type {string} */ name, /** @type {number} */ value) => (figures[name] ??= []).push(value)
  await call(page, 'rawSingles', 200)
  await call(page, 'singles', 'me', 200)
  for (let round = 0; round < ROUNDS; round++) {
    note('raw singles', await call(page, 'rawSingles', 500))
    for (const [name, space] of Object.entries(spaces)) note(`${name} singles`, await call(page, 'singles', space, 500))
    for (const [name, space] of Object.entries(spaces)) note(`${name} 64`, await call(page, 'inFlight', space, { count: 6400, width: 64 }))
    note('raw batch', await call(page, 'rawBatch', 10_000))
    for (const [name, space] of Object.entries(spaces)) note(`${name} batch`, await call(page, 'batch', space, 10_000))
  }
  const raw = median(figures['raw singles'] ?? [])
  const rawBatch = median(figures['raw batch'] ?? [])
  for (const name of Object.keys(spaces)) {
    const of = (/** @type {string} */ what) => median(figures[`${name} ${what}`] ?? [])
    report.row(`${name}: awaited singles, events/s`, short(of('singles')), short(raw), `${short(of('singles') / raw)}×`, '≥ 0.8×')
    report.row(`${name}: 64 in flight, events/s`, short(of('64')), short(raw), `${short(of('64') / raw)}×`, '≥ 4× (aim 10×)')
    report.row(
      `${name}: submitEvents of 10,000, events/s`,
      short(of('batch')),
      short(rawBatch),
      `${short(of('batch') / rawBatch)}×`,
      '≥ 0.5× (aim 0.8×)',
    )
  }
  const reads = await call(page, 'warmReads', 'me', 500)
  report.row('getState of one document, warm, ms p50', short(median(reads)), '', '', '≤ 0.5 ms')
  await context.close()
})

await section('tabs', async (profile) => {
  const context = await launch(profile)
  const [a, b] = [await openPage(context, `${url}index.html`), await openPage(context, `${url}index.html`)]
  /** @type {number[]} */
  const raw = []
  /** @type {number[]} */
  const ours = []
  const team = await call(a, 'space')
  for (let round = 0; round < ROUNDS; round++) {
    const listening = call(b, 'rawListen', 100)
    await a.waitForTimeout(100)
    await call(a, 'rawSend', 100)
    raw.push(...(await listening))
    const path = `${team}/tabs/${round}`
    const watching = call(b, 'listen', path, 100)
    await a.waitForTimeout(100)
    await call(a, 'send', path, 100)
    ours.push(...(await watching))
  }
  report.row('tab to tab, ms p50', short(median(ours)), short(median(raw)), `${short(median(ours) / median(raw))}×`, '≤ 1.5×')
  report.row('tab to tab, ms p99', short(percentile(ours, 0.99)), short(percentile(raw, 0.99)), '', '≤ 10 ms')
  /** @type {number[]} */
  const rawMany = []
  /** @type {number[]} */
  const oursMany = []
  for (let round = 0; round < ROUNDS; round++) {
    const listening = call(b, 'rawManyListen', 1000)
    await a.waitForTimeout(50)
    const start = await call(a, 'rawManySend', 1000)
    rawMany.push((await listening) - start)
    const collection = `${team}/many${round}`
    const watching = call(b, 'watchMany', collection, 1000)
    await b.waitForTimeout(1000)
    const began = await call(a, 'updateMany', collection, 1000)
    oursMany.push((await watching) - began)
  }
  report.row(
    '1,000 watches, 1,000 updates, ms',
    short(median(oursMany)),
    short(median(rawMany)),
    `${short(median(oursMany) / median(rawMany))}×`,
    '≤ 0.5×',
  )
  await context.close()
})

for (const count of [20_000, 100_000]) {
  await section(`large-${count}`, (profile) => measureLarge({ profile, url, count, rounds: ROUNDS, report }))
}

await section('ipfs-files', (profile) => measureIpfsFiles({ profile, url, rounds: ROUNDS, report }))
await section('solana-batching', (directory) => measureSolanaBatching({ directory, report }))
await section('solana-catch-up', (directory) => measureSolanaCatchUp({ directory, report }))
if (process.env['SPICETIME_PEERS'] !== undefined) {
  await section('ipfs-fetch', (directory) => measureIpfsFetch({ directory, report, rounds: ROUNDS }))
  await section('holochain-sync', (directory) => measureHolochainSync({ directory, report }))
  // 100,000 events take longest to write: with BENCH_KEPT, a folder, what was built is found again.
  const [events, documents] = [Number(process.env['BENCH_EVENTS'] ?? 10_000), Number(process.env['BENCH_DOCUMENTS'] ?? 500)]
  const kept = process.env['BENCH_KEPT']
  await section('holochain-join', (directory) => measureHolochainJoin({ directory, report, events, documents, kept }))
  await section('holochain-typing', (directory) => measureTyping({ directory, report }))
}

await server.close()
report.print()
