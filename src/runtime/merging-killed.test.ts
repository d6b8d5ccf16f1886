import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { firstSeq } from './model/event.js'
import { mergeAll, openMergingDevice } from './test/merging-device.js'

const RUNS = 3
const SEED = Number(process.env['PROMISE_SEED'] ?? 1)
const CHILD = fileURLToPath(new URL('./test/merge-forever.mjs', import.meta.url))
/** Beside the packages, which the bundle imports. */
const BUNDLE = fileURLToPath(new URL(`../../node_modules/.cache/merging-killed-${process.pid}`, import.meta.url))

type Device = Awaited<ReturnType<typeof openMergingDevice>>

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spicetime-merging-'))
  const build = await rolldown({
    input: { device: fileURLToPath(new URL('./test/merging-device.ts', import.meta.url)) },
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

test(`P1, P2: a process that is killed ${RUNS} times while it merges what it types loses no keystroke and has none twice`, async () => {
  const founder = await openMergingDevice(directory)
  const space = await founder.createSpace({ name: 'Notes' })
  await founder.close()
  const path = `${space.id}/notes/1/text`
  const acknowledged: string[] = []
  for (let run = 0; run < RUNS; run++) {
    acknowledged.push(...(await typedUntilKilled(15 + ((SEED * 7919 + run * 104_729) % 20))))
    const runtime = await openMergingDevice(directory)
    const typed = await keysAt(path, runtime)
    // The last one may have been durable before it was acknowledged.
    expect(typed - acknowledged.length).toBeGreaterThanOrEqual(0)
    expect(typed - acknowledged.length).toBeLessThanOrEqual(run + 1)
    for (const id of acknowledged) expect((await runtime.trace(id)).standing).toEqual({ kind: 'applied' })
    expect(await placesOf(runtime, space.id)).toBe(typed + 1)
    await mergeAll(runtime)
    expect(await keysAt(path, runtime)).toBe(typed)
    expect((await runtime.storage()).damaged).toEqual([])
    await runtime.close()
  }
}, 120_000)

/** Runs a process that types and merges, and kills it once it has acknowledged `count` keys; gives what it had acknowledged when it died. */
async function typedUntilKilled(count: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [CHILD, join(BUNDLE, 'device.mjs'), directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const ids: string[] = []
  for await (const id of createInterface({ input: child.stdout })) if (ids.push(id) === count) child.kill('SIGKILL')
  expect(await exited).toEqual([null, 'SIGKILL'])
  return ids
}

async function keysAt(path: string, runtime: Device): Promise<number> {
  const answer = await runtime.getState(path)
  return answer.kind === 'state' && typeof answer.state.value === 'string' ? answer.state.value.length : 0
}

/** Places that the log's events take in their author's chain; throws where one is taken twice or left out. */
async function placesOf({ intake }: Device, space: string): Promise<number> {
  const places: number[] = []
  for await (const { row } of intake.log.forwards(0)) {
    const event = await intake.log.open(row)
    if (event.spaceId === space) for (let seq = firstSeq(event); seq <= event.seq; seq++) places.push(seq)
  }
  expect(places.toSorted((a, b) => a - b)).toEqual(places.map((_, index) => index))
  return places.length
}
