import { afterAll, expect, test } from 'vitest'
import { startSolanaDevnet } from '../../../devnet/solana/solana-devnet.js'
import type { Event } from '../../model/event.js'
import type { Replica } from '../../testing/replicas.js'
import type { DeviceParts } from '../provider-parts.js'
import type { NetworkProvider } from '../provider.js'
import { MemoWriter } from './memo-writer.js'
import { referenceKey } from './reference-key.js'
import { openOnChain, openPair, stateOf, until } from './test/replicas-on-chain.js'
import { openStranger } from './test/stranger.js'

const devnet = await startSolanaDevnet({ slotMilliseconds: 50, finalityDepth: 8 })
afterAll(() => devnet.close())

function memoOf(events: readonly Event[]): string {
  const writer = new MemoWriter(1_000)
  for (const { id, bytes } of events) writer.add({ id, bytes: new Uint8Array(bytes) })
  return writer.text()
}

test("P7: strangers' memos at the reference key change nothing, are counted, and keep nothing from coming", async () => {
  const providers: NetworkProvider[] = []
  const parts: DeviceParts[] = []
  const open = (): Promise<Replica> =>
    openOnChain(devnet, { onProvider: (provider) => providers.push(provider), onParts: (one) => parts.push(one) })
  const [ada, ben] = await Promise.all([open(), open()])
  const space = await openPair(ada, ben)
  const elsewhere = await ada.runtime.createSpace({ name: 'Elsewhere', id: 'elsewhere', policies: { claims: 'consensus' } })
  const path = `${space}/claims/1`
  await ada.runtime.submitEvent({ path, op: 'put', value: 'mine', requires: 'consensus' })
  await ada.runtime.submitEvent({ path: `${elsewhere.id}/claims/1`, op: 'put', value: 'other', requires: 'consensus' })
  await until([ada, ben], async () => (await stateOf(ben, path)).level === 'final')
  const log = await ben.log()
  const [mine = expect.fail('no space')] = parts[1]?.spaces.list() ?? []
  const reference = await referenceKey(mine.secret)
  const real = (await ada.log(space)).filter(({ needs, author }) => needs.includes('consensus') && author === ada.runtime.me)
  const foreign = (await ada.log(elsewhere.id)).filter(({ needs }) => needs.includes('consensus'))
  const forged = memoOf(real.slice(0, 1)).replace(/.$/, (last) => (last === '!' ? '"' : '!'))
  const say = await openStranger(devnet)
  const memos = [
    'gm',
    'S',
    'S3next-version',
    'S1',
    `S1${'~'.repeat(700)}`,
    'S1; [3] S1x',
    '🦊'.repeat(10),
    forged,
    memoOf(real),
    memoOf(foreign),
  ]
  for (const memo of memos) await say(memo, reference)
  await ada.runtime.submitEvent({ path: `${space}/claims/2`, op: 'put', value: 'after', requires: 'consensus' })
  await until([ada, ben], async () => (await stateOf(ben, `${space}/claims/2`)).level === 'final')
  expect((await stateOf(ben, path)).value).toBe('mine')
  expect((await ben.log()).filter(({ path: one }) => one !== `${space}/claims/2`)).toEqual(log)
  expect(await ben.fingerprint(space)).toBe(await ada.fingerprint(space))
  expect(ben.seen.filter(({ diagnostic }) => diagnostic.kind === 'event-refused')).toEqual([])
  const facts = providers[1]?.facts() ?? {}
  expect(facts['ignored memos of an unknown version']).toBe(2)
  expect(facts['ignored events that were there before']).toBe(real.length)
  expect(facts['ignored events not signed by their author, or of another space']).toBeGreaterThanOrEqual(foreign.length)
  expect(facts['ignored memos that are no events']).toBeGreaterThanOrEqual(5)
  await Promise.all([ada, ben].map((replica) => replica.runtime.close()))
}, 120_000)
