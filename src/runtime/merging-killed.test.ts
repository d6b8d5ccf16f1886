import { expect, test } from 'vitest'
import { firstSeq } from './model/event.js'
import { killedProcess } from './test/killed-process.js'
import { mergeAll, openMergingDevice } from './test/merging-device.js'

const RUNS = 3
const SEED = Number(process.env['PROMISE_SEED'] ?? 1)

type Device = Awaited<ReturnType<typeof openMergingDevice>>

/** Types and merges, and acknowledges each key. */
const typing = killedProcess('test/merging-device.ts', 'merge-forever.mjs')

test(`P1, P2: a process that is killed ${RUNS} times while it merges what it types loses no keystroke and has none twice`, async () => {
  const founder = await openMergingDevice(typing.directory())
  const space = await founder.createSpace({ name: 'Notes' })
  await founder.close()
  const path = `${space.id}/notes/1/text`
  const acknowledged: string[] = []
  for (let run = 0; run < RUNS; run++) {
    acknowledged.push(...(await typing.runUntilKilled(15 + ((SEED * 7919 + run * 104_729) % 20))))
    const runtime = await openMergingDevice(typing.directory())
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
