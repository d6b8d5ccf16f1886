import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { Cursor } from '../model/cursor.js'
import { shortIdOf } from '../codec/event-id.js'
import type { Event, EventId } from '../model/event.js'
import { parsePath } from '../model/path.js'
import type { SpaceId } from '../model/path.js'
import { ManualPlatform } from '../testing/manual-platform.js'
import { exchangeAll, openSpaceOf, Replica } from '../testing/replicas.js'
import { copyOf, headerOf, write } from './test/member-pen.js'

// The waiting room is full: nothing that is brought may wait.
vi.mock('./waiting-shares.js', () => ({
  WaitingShares: class {
    fits = (): boolean => false
    take = (): void => undefined
  },
}))

const KEYS = 5

async function type(replica: Replica, space: SpaceId, { keys, from }: { readonly keys: string; readonly from: number }): Promise<void> {
  for (const [index, key] of Array.from(keys).entries()) {
    const delta = from + index === 0 ? [{ insert: key }] : [{ retain: from + index }, { insert: key }]
    await replica.runtime.submitEvent({ path: `${space}/notes/1/text`, op: 'text', delta })
  }
}

async function settle(platform: ManualPlatform, replica: Replica): Promise<void> {
  for (let round = 0; round < 4; round++) {
    platform.advance(10)
    await replica.runtime.intake.settled()
  }
}

/** Honest keystrokes, another's answer to the third of them, and events of a modified client that claim to supersede some. */
async function lies(
  platform: ManualPlatform,
): Promise<{ readonly reader: Replica; readonly space: SpaceId; readonly bytes: readonly Uint8Array[] }> {
  const [ada, ben] = [await Replica.open(platform), await Replica.open(platform)]
  const space = await openSpaceOf([ada, ben])
  await exchangeAll([ada, ben], space)
  await type(ada, space, { keys: 'abcde', from: 0 })
  const honest = (await ada.log(space)).slice(-KEYS)
  const reader = await Replica.open(platform, copyOf(ben.disk))
  await reader.receive(...honest.slice(0, 3).map(({ bytes }) => bytes))
  await type(reader, space, { keys: '!', from: 3 })
  const answer = (await reader.log(space)).at(-1)
  if (answer === undefined) throw new Error('nothing was answered')
  const claim = async (events: readonly Event[]): Promise<Uint8Array> => {
    const [from, to] = [events[0], events.at(-1)]
    if (from === undefined || to === undefined) throw new Error('nothing to supersede')
    const { previous: _dropped, ...header } = { ...headerOf(to), parents: from.parents, supersedes: events.map(({ id }) => shortIdOf(id)) }
    const { bytes } = await write(ada, space, {
      header: from.previous === undefined ? header : { ...header, previous: from.previous },
      content: {
        path: parsePath(`${space}/notes/1/text`),
        op: 'text',
        body: from.body.update === undefined ? {} : { update: from.body.update },
      },
    })
    return bytes
  }
  const written = await Promise.all([
    claim(honest.slice(0, 4)),
    claim(honest.slice(2)),
    claim(honest.slice(0, 2)),
    claim(honest.slice(1, 3)),
  ])
  return { reader: ben, space, bytes: [...[...honest, answer].map(({ bytes }) => bytes), ...written] }
}

test('P1: what leaves the log to be placed anew is kept, though the waiting room is full', { timeout: 120_000 }, async () => {
  const platform = new ManualPlatform({ seed: 1, start: 1_800_000_000_000 })
  const { reader, space, bytes } = await lies(platform)
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([...bytes.keys()], { minLength: bytes.length }), async (order) => {
      const replica = await Replica.open(platform, copyOf(reader.disk))
      const had = new Set<EventId>()
      for (const index of order) {
        const events = [bytes[index] ?? new Uint8Array()]
        const cursorWithout = (): Cursor => 'before' as Cursor
        await replica.runtime.intake.receive('holochain', { events, receipts: [], retracted: [], cursor: 'past' as Cursor, cursorWithout })
        await settle(platform, replica)
        for (const id of had) {
          const { log } = replica.runtime.intake
          const known = [await log.whereIs(id), await replica.runtime.intake.standingOf(id)]
          expect(known.some((one) => one !== undefined)).toBe(true)
        }
        for (const { id } of await replica.log(space)) had.add(id)
      }
      await replica.runtime.close()
    }),
    { numRuns: 100 },
  )
})
