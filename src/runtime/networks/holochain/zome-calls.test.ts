import { expect, test } from 'vitest'
import { zomeCalls } from './zome-calls.js'

const HASH = new Uint8Array(39)
const batch = { version: 1, author: new Uint8Array(32), signature: new Uint8Array(64), events: [Uint8Array.of(1)] }
const answering = (answer: unknown) => zomeCalls(() => Promise.resolve(answer))

test.each([-5, 2 ** 60, 2n ** 62n, 1.5, null])("an agent's clock of %s stops nobody's pull", async (at) => {
  const pulled = { batches: [{ agent: HASH, number: 0, action: HASH, at, batch }], since: [], more: false }
  expect(await answering(pulled).pull({ since: [], maxBytes: 1, network: false })).toMatchObject({ batches: [{ number: 0, batch }] })
  expect(await answering([{ agent: HASH, action: HASH, events: 7, at }]).snapshots(true)).toMatchObject([{ events: 7 }])
})

test.each([2 ** 64, 2n ** 64n, -1, 0.5, null])("a member's snapshot of %s events hides nobody else's", async (events) => {
  const good = { agent: HASH, action: HASH, events: 7, at: 1 }
  expect(await answering([{ ...good, events }, good]).snapshots(true)).toEqual([good])
})
