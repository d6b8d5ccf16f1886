import { expect, test } from 'vitest'
import { decodeEvent } from '../../codec/event-codec.js'
import { EventFactory } from '../../testing/event-factory.js'
import type { FactoryEvent } from '../../testing/event-factory.js'
import { nextGroup, pack } from './grouping.js'
import type { Queued } from './grouping.js'
import { MemoWriter } from './memo-writer.js'

const queue = (events: readonly FactoryEvent[]): Queued[] =>
  events.map((event) => ({ event, header: decodeEvent(new Uint8Array(event.bytes)).header }))
const ids = (group: readonly Queued[]): readonly string[] => group.map(({ event }) => event.id)

test('events go in the order of their chain, whatever order they came in', async () => {
  const events = await (await EventFactory.create()).events(5)
  expect(ids(nextGroup(queue(events.toReversed()), new Set()))).toEqual(events.map(({ id }) => id))
})

test('an event whose parent is on its way waits, and so do its descendants; others go', async () => {
  const factory = await EventFactory.create()
  const [parent, child, grandchild] = await factory.events(3)
  const free = await factory.event({ alone: true })
  if (parent === undefined || child === undefined || grandchild === undefined) return expect.fail('no events were made')
  expect(ids(nextGroup(queue([child, grandchild, free]), new Set([parent.id])))).toEqual([free.id])
  expect(nextGroup(queue([child, grandchild]), new Set([parent.id]))).toEqual([])
  expect(ids(nextGroup(queue([child, grandchild, free]), new Set()))).toEqual([child.id, grandchild.id, free.id])
})

test('authors share no memo, and one who has to wait holds up nobody else', async () => {
  const [one, other] = [await EventFactory.create(), await EventFactory.create()]
  const [parent, child] = await one.events(2)
  const theirs = await other.event()
  if (parent === undefined || child === undefined) return expect.fail('no events were made')
  expect(ids(nextGroup(queue([child, theirs]), new Set([parent.id])))).toEqual([theirs.id])
})

test('as many are packed as fit, from the first on; one that never fits is refused by its name', async () => {
  const events = queue(await (await EventFactory.create()).events(9))
  const taken = pack(events, new MemoWriter(900))
  expect(taken.length).toBeGreaterThan(2)
  expect(ids(taken)).toEqual(ids(events.slice(0, taken.length)))
  const large = queue([await (await EventFactory.create()).event({ padding: 1_000 })])
  expect(() => pack(large, new MemoWriter(900))).toThrow(expect.objectContaining({ code: 'NETWORK_REFUSED' }))
})
