import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from './node.js'
import type { EventSummary } from './model/event.js'
import type { RuntimeClient } from './runtime-client.js'

const RUNS = 5
const SEED = Number(process.env['PROMISE_SEED'] ?? 1)
const CHILD = fileURLToPath(new URL('./test/submit-forever.mjs', import.meta.url))
/** Beside the packages, which the bundle imports. */
const BUNDLE = fileURLToPath(new URL(`../../node_modules/.cache/node-killed-${process.pid}`, import.meta.url))

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spicetime-killed-'))
  const build = await rolldown({
    input: { node: fileURLToPath(new URL('./node.ts', import.meta.url)) },
    platform: 'node',
    external: (id) => /^[^./]/.test(id),
  })
  await build.write({ dir: BUNDLE, format: 'es', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' })
  await build.close()
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
  await rm(BUNDLE, { recursive: true, force: true })
})

test(`P1: a Node process that is killed ${RUNS} times in the middle of its submits loses nothing acknowledged`, async () => {
  const acknowledged = new Set<string>()
  for (let run = 0; run < RUNS; run++) {
    // Later in each run, and at another place of the stream for each seed.
    await submitUntilKilled(run, { acknowledged, count: 40 + ((SEED * 7919 + run * 104_729) % 400) })
    const runtime = await connect({ directory })
    const log = await wholeLog(runtime)
    const ids = new Set<string>(log.map(({ id }) => id))
    expect(ids.size).toBe(log.length)
    expect([...acknowledged].filter((id) => !ids.has(id))).toEqual([])
    expect(log.map(({ seq }) => seq)).toEqual(Array.from(log, (_, index) => log.length - 1 - index))
    await runtime.submitEvent({ path: `me/after/${run}`, op: 'put', value: run })
    expect((await runtime.storage()).damaged).toEqual([])
    await runtime.close()
  }
  expect(acknowledged.size).toBeGreaterThan(RUNS * 40)
})

/** Runs a process that submits, and kills it once it has acknowledged `count` events. What it wrote before it died counts. */
async function submitUntilKilled(run: number, wish: { acknowledged: Set<string>; count: number }): Promise<void> {
  const child = spawn(process.execPath, [CHILD, join(BUNDLE, 'node.mjs'), directory, String(run)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  let left = wish.count
  for await (const id of createInterface({ input: child.stdout })) {
    wish.acknowledged.add(id)
    if (--left === 0) child.kill('SIGKILL')
  }
  expect(await exited).toEqual([null, 'SIGKILL'])
}

/** Newest first. */
async function wholeLog(runtime: RuntimeClient): Promise<readonly EventSummary[]> {
  const log: EventSummary[] = []
  let before = Number.MAX_SAFE_INTEGER
  for (;;) {
    const page = await runtime.events({ limit: 1000, before })
    const last = page.at(-1)
    if (last === undefined) return log
    log.push(...page)
    before = last.position
  }
}
