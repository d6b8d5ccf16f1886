import { expect, test } from 'vitest'
import { connect } from './node.js'
import type { EventSummary } from './model/event.js'
import type { RuntimeClient } from './runtime-client.js'
import { killedProcess } from './test/killed-process.js'

const RUNS = 5
const SEED = Number(process.env['PROMISE_SEED'] ?? 1)

/** Submits, and acknowledges each event. */
const submitting = killedProcess('node.ts', 'submit-forever.mjs')

test(`P1: a Node process that is killed ${RUNS} times in the middle of its submits loses nothing acknowledged`, async () => {
  const acknowledged = new Set<string>()
  for (let run = 0; run < RUNS; run++) {
    // Later in each run, and at another place of the stream for each seed.
    const count = 40 + ((SEED * 7919 + run * 104_729) % 400)
    for (const id of await submitting.runUntilKilled(count, String(run))) acknowledged.add(id)
    const runtime = await connect({ directory: submitting.directory() })
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
