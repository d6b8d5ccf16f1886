import { expect, test } from 'vitest'
import { toBase32 } from '../../codec/base32.js'
import { ManualPlatform } from '../../testing/manual-platform.js'
import { SpaceRefusals } from './space-refusals.js'
import type { RefusedAction } from './zome-calls.js'

const hash = (byte: number): Uint8Array => new Uint8Array(39).fill(byte)
const refused = (action: number, reason = 'the batch is of version 2'): RefusedAction => ({
  ...{ agent: hash(1), action: hash(action), reason, by: hash(2) },
})

test('each refusal is told once, with who and why, and nobody is asked again at once', async () => {
  const platform = new ManualPlatform()
  const refusals = new SpaceRefusals(platform)
  const found = [refused(3)]
  let asked = 0
  const answer = async (): Promise<readonly RefusedAction[]> => {
    asked += 1
    return found
  }
  const cell = { calls: { refused: answer } }
  const by = `(found by ${toBase32(hash(2))})`
  const first = { author: toBase32(hash(1)), reference: toBase32(hash(3)), reason: `the batch is of version 2 ${by}` }
  expect(await refusals.news(cell)).toEqual([first])
  found.push(refused(4, ''))
  expect([await refusals.news(cell), asked]).toEqual([[], 1])
  platform.advance(10_000)
  const second = { ...first, reference: toBase32(hash(4)), reason: `Its author's chain has two actions at one place. ${by}` }
  expect([await refusals.news(cell), asked, refusals.count]).toEqual([[second], 2, 2])
})

test('an app that can not tell is no failure of the network', async () => {
  const refusals = new SpaceRefusals(new ManualPlatform())
  const cell = { calls: { refused: () => Promise.reject(new Error('there is no such function')) } }
  expect([await refusals.news(cell), refusals.count]).toEqual([[], 0])
})
