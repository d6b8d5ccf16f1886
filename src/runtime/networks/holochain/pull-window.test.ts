import { expect, test } from 'vitest'
import { MOST_AHEAD, PullWindow } from './pull-window.js'
import type { Mark, PulledBatch } from './zome-calls.js'

const [ada, ben] = [new Uint8Array(39).fill(1), new Uint8Array(39).fill(2)]
const NONE = { version: 1, author: new Uint8Array(32), signature: new Uint8Array(64), events: [] }

function batch(agent: Uint8Array, number: number): PulledBatch {
  return { agent, number, action: agent, at: 0, batch: NONE }
}

function page(mark: Mark, ...others: readonly Mark[]) {
  const since = [mark, ...others]
  return { since, more: true, batches: since.flatMap(({ agent, above }) => above.map((number) => batch(agent, number))) }
}

test('takes what is no more than a few batches beyond one that is missing, and asks for no more of that agent', () => {
  const window = new PullWindow()
  const above = Array.from({ length: 3 * MOST_AHEAD }, (_, index) => 6 + index)
  const taken = window.take(page({ agent: ada, next: 5, above }))
  const near = above.filter((number) => number < 5 + MOST_AHEAD)
  expect(taken.batches.map(({ number }) => number)).toEqual(near)
  expect(taken.marks).toEqual([{ agent: ada, next: 5, above: near }])
  expect(window.asked(taken.marks)).toEqual([{ agent: ada, next: 0xffff_ffff, above: [] }])
})

test('goes on with the other agents, and keeps the place of the one that is not asked', () => {
  const window = new PullWindow()
  const { marks } = window.take(page({ agent: ada, next: 0, above: [MOST_AHEAD] }))
  const [asked] = window.asked(marks)
  const next = window.take(page(asked ?? expect.fail('no mark'), { agent: ben, next: 1, above: [2, 3] }))
  expect(next.batches.map(({ agent, number }) => [agent, number])).toEqual([
    [ben, 2],
    [ben, 3],
  ])
  expect(next.marks).toEqual([
    { agent: ada, next: 0, above: [] },
    { agent: ben, next: 1, above: [2, 3] },
  ])
})

test('leaves a pull without gaps as it is', () => {
  const window = new PullWindow()
  const pulled = { since: [{ agent: ada, next: 2, above: [] }], more: true, batches: [batch(ada, 0), batch(ada, 1)] }
  expect(window.take(pulled)).toEqual({ batches: pulled.batches, marks: pulled.since })
  expect(window.asked(pulled.since)).toEqual(pulled.since)
})

test('takes nothing back that an earlier pull has taken further ahead', () => {
  const mark = { agent: ada, next: 0, above: [1, 200] }
  expect(new PullWindow().take({ since: [mark], more: false, batches: [batch(ada, 1)] }).marks).toEqual([mark])
})
