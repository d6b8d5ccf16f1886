import { expect, test, vi } from 'vitest'
import type { Cursor } from '../model/cursor.js'
import { parseSpaceId } from '../model/path.js'
import { ManualPlatform } from '../testing/manual-platform.js'
import { exchangeAll, openSpaceOf, Replica } from '../testing/replicas.js'
import { MAX_WAITING_BYTES, SHARE } from './waiting-shares.js'

// As much as an author's share of the waiting room holds is signed, sealed and folded.
vi.setConfig({ testTimeout: 120_000 })

const TEXT = 'x'.repeat(60_000)
/** Of such texts, more than one author finds room for. */
const TOO_MANY = Math.ceil(MAX_WAITING_BYTES / SHARE / TEXT.length) + 3

test('P2: what has to wait and finds no room is asked for again: the cursor stays before it', async () => {
  const [ada, ben] = [await Replica.open(new ManualPlatform()), await Replica.open(new ManualPlatform({ seed: 2 }))]
  const space = await openSpaceOf([ada, ben])
  const before = (await ada.log(space)).length
  const inputs = Array.from({ length: TOO_MANY }, (_, at) => ({ path: `${space}/tasks/${at}`, op: 'put' as const, value: `${at}${TEXT}` }))
  await ada.runtime.submitEvents(inputs)
  const log = (await ada.log(space)).map(({ bytes }) => bytes)
  let refusals = 0
  const bring = (events: readonly Uint8Array[], cursor: string): Promise<void> =>
    ben.runtime.intake.receive('holochain', {
      ...{ events, receipts: [], retracted: [], cursor: cursor as Cursor, onNoRoom: () => refusals++ },
    })
  const cursor = (): string => new TextDecoder().decode(ben.disk.records.get('+/c/holochain') ?? new Uint8Array())
  await bring(log.slice(0, before), 'first')
  await bring(log.slice(before + 1), 'second')
  expect([refusals, cursor()]).toEqual([1, 'first'])
  await bring(log.slice(before, before + 1), 'third')
  await bring(log.slice(before + 1), 'fourth')
  expect([refusals, cursor()]).toEqual([1, 'fourth'])
  expect(await ben.fingerprint(`${space}/tasks`)).toBe(await ada.fingerprint(`${space}/tasks`))
  await Promise.all([ada.runtime.close(), ben.runtime.close()])
})

async function write(replica: Replica, space: string, count: number): Promise<readonly Uint8Array[]> {
  const before = (await replica.log(parseSpaceId(space))).length
  const inputs = Array.from({ length: count }, (_, at) => ({ path: `${space}/tasks/${at}`, op: 'put' as const, value: `${at}${TEXT}` }))
  await replica.runtime.submitEvents(inputs)
  return (await replica.log(parseSpaceId(space))).slice(before).map(({ bytes }) => bytes)
}

test('P2: who fills the waiting room takes no room of others, and is asked again alone', async () => {
  const replicas = await Promise.all([1, 2, 3, 4].map((seed) => Replica.open(new ManualPlatform({ seed }))))
  const space = await openSpaceOf(replicas)
  await exchangeAll(replicas, space)
  const [ada, ben, cora, dora] = replicas
  if (ada === undefined || ben === undefined || cora === undefined || dora === undefined) throw new Error('no device')
  const [fromAda, fromCora] = [await write(ada, space, TOO_MANY), await write(cora, space, 2)]
  const leftOut: string[] = []
  const bring = (events: readonly Uint8Array[], cursor: string): Promise<void> =>
    ben.runtime.intake.receive('holochain', {
      ...{ events, receipts: [], retracted: [], cursor: cursor as Cursor },
      cursorWithout: (left) => {
        leftOut.push(...left)
        return `${cursor} without ${left.length}` as Cursor
      },
    })
  const cursor = (): string => new TextDecoder().decode(ben.disk.records.get('+/c/holochain') ?? new Uint8Array())
  // The first of each is missing.
  await bring(fromAda.slice(1), 'first')
  expect(leftOut.length).toBeGreaterThan(0)
  expect(cursor()).toBe(`first without ${leftOut.length}`)
  await ben.restart()
  await bring(fromCora.slice(1), 'second')
  expect(cursor()).toBe('second')
  expect((await ben.runtime.intake.waitingIn((await ben.log(space))[0]?.space ?? '')).map(({ holder }) => holder)).toContain(
    cora.runtime.me,
  )
  await bring(fromCora.slice(0, 1), 'third')
  expect(await ben.value(`${space}/tasks/1`)).toBe(await cora.value(`${space}/tasks/1`))
  await Promise.all(replicas.map(({ runtime }) => runtime.close()))
})

test('P7: authors of whom nothing is known share one part of the waiting room', async () => {
  const [ada, ben, ...strangers] = await Promise.all([1, 2, 3, 4].map((seed) => Replica.open(new ManualPlatform({ seed }))))
  if (ada === undefined || ben === undefined) throw new Error('no device')
  const space = await openSpaceOf([ada, ben])
  await exchangeAll([ada, ben], space)
  const invite = await ada.runtime.invite(space)
  let refusals = 0
  const bring = (events: readonly Uint8Array[]): Promise<void> =>
    ben.runtime.intake.receive('holochain', { events, receipts: [], retracted: [], onNoRoom: () => refusals++ })
  // Each alone would find room.
  for (const stranger of strangers) {
    await stranger.runtime.joinSpace(invite)
    await bring(await write(stranger, space, Math.ceil(TOO_MANY / 2)))
  }
  expect(refusals).toBe(1)
  await Promise.all([ada, ben, ...strangers].map(({ runtime }) => runtime.close()))
})
