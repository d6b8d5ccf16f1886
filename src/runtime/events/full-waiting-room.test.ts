import { expect, test, vi } from 'vitest'
import type { Cursor } from '../model/cursor.js'
import { ManualPlatform } from '../testing/manual-platform.js'
import { openSpaceOf, Replica } from '../testing/replicas.js'
import { MAX_WAITING_BYTES } from './waiting-room.js'

// As much as the waiting room holds is signed, sealed and folded.
vi.setConfig({ testTimeout: 120_000 })

const TEXT = 'x'.repeat(60_000)

test('P2: what has to wait and finds no room is asked for again: the cursor stays before it', async () => {
  const [ada, ben] = [await Replica.open(new ManualPlatform()), await Replica.open(new ManualPlatform({ seed: 2 }))]
  const space = await openSpaceOf([ada, ben])
  const before = (await ada.log(space)).length
  const count = Math.ceil(MAX_WAITING_BYTES / TEXT.length) + 3
  const inputs = Array.from({ length: count }, (_, at) => ({ path: `${space}/tasks/${at}`, op: 'put' as const, value: `${at}${TEXT}` }))
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
