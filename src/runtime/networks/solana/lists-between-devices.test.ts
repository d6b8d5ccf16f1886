import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startSolanaDevnet } from '../../../devnet/solana/solana-devnet.js'
import type { SolanaDevnet } from '../../../devnet/solana/solana-devnet.js'
import { encodeEventList } from '../../codec/event-list.js'
import { MemoryDisk } from '../../storage/memory/memory-disk.js'
import { SharedContent } from '../../testing/shared-content.js'
import type { ContentDevice, ContentDisk } from '../../testing/shared-content.js'
import type { Replica } from '../../testing/replicas.js'
import type { NetworkProvider } from '../provider.js'
import type { DeviceParts } from '../provider-parts.js'
import { anchorMemo } from './anchor-memo.js'
import { referenceKey } from './reference-key.js'
import { openOnChain, openPair, stateOf, until } from './test/replicas-on-chain.js'
import { openStranger } from './test/stranger.js'

let devnet: SolanaDevnet
let shared: SharedContent
let replicas: Replica[]

beforeEach(async () => {
  devnet = await startSolanaDevnet({ slotMilliseconds: 50, finalityDepth: 8 })
  shared = new SharedContent()
  replicas = []
})
afterEach(async () => {
  await Promise.all(replicas.map((replica) => replica.runtime.close()))
  await devnet.close()
})

interface Opened {
  readonly replica: Replica
  readonly content: ContentDevice
  readonly provider: NetworkProvider
  readonly parts: DeviceParts
}

async function open(disk: MemoryDisk = new MemoryDisk(), blocks: ContentDisk = new Map()): Promise<Opened> {
  const content = shared.join(blocks)
  const made: { provider?: NetworkProvider; parts?: DeviceParts } = {}
  const replica = await openOnChain(devnet, {
    disk,
    beside: [content.provider],
    onProvider: (provider) => (made.provider = provider),
    onParts: (parts) => (made.parts = parts),
  })
  replicas.push(replica)
  const { provider, parts } = made
  if (provider === undefined || parts === undefined) throw new Error('no provider was made')
  return { replica, content, provider, parts }
}

async function openTwo(): Promise<{ readonly ada: Opened; readonly ben: Opened; readonly space: string }> {
  const [ada, ben] = await Promise.all([open(), open()])
  const space = await openPair(ada.replica, ben.replica)
  // Each has heard of the other.
  const both = [ada.replica, ben.replica]
  await until(both, async () => (await Promise.all(both.map((replica) => replica.log(space)))).every(({ length }) => length === 2), 60)
  return { ada, ben, space }
}

const large = 'x'.repeat(20_000)

describe('a list between two devices', () => {
  test('what fits no memo, and a burst, get to the other device, in one order, final on both', async () => {
    const { ada, ben, space } = await openTwo()
    await ada.replica.runtime.submitEvent({ path: `${space}/claims/large`, op: 'put', value: large, requires: 'consensus' })
    await ada.replica.runtime.submitEvents(
      Array.from({ length: 100 }, (_, index) => ({
        path: `${space}/claims/${index % 10}`,
        op: 'put' as const,
        value: index,
        requires: 'consensus' as const,
      })),
    )
    const both = [ada.replica, ben.replica]
    await until(both, async () => (await stateOf(ben.replica, `${space}/claims/9`)).level === 'final')
    expect((await stateOf(ben.replica, `${space}/claims/large`)).value).toBe(large)
    expect((await stateOf(ben.replica, `${space}/claims/9`)).value).toBe(99)
    expect(await ben.replica.fingerprint(space)).toBe(await ada.replica.fingerprint(space))
    expect(ben.provider.facts()).not.toHaveProperty('ignored events that were there before')
  }, 120_000)

  test('while nobody gives the list, what comes after it shows, and has no place; once it comes, all are final, also after a restart', async () => {
    const { ada, ben, space } = await openTwo()
    ben.content.fetches = 'not'
    const path = `${space}/claims/1`
    await ada.replica.runtime.submitEvent({ path: `${space}/claims/large`, op: 'put', value: large, requires: 'consensus' })
    await until([ada.replica], async () => (await stateOf(ada.replica, `${space}/claims/large`)).level === 'final')
    // No child of what is missing: of a document, and an author, of its own.
    await ben.replica.runtime.submitEvent({ path, op: 'put', value: 'after', requires: 'consensus', expect: [] })
    await until([ada.replica, ben.replica], async () => (await stateOf(ada.replica, path)).level === 'final')
    await until([ben.replica], async () => (await stateOf(ben.replica, path)).level === 'shared')
    expect(ben.provider.facts()['lists that can not be had yet']).toBe(1)
    expect(String(ben.provider.facts()['the last of them because'])).toContain('Nobody who was asked has')
    await ben.replica.restart()
    await until([ben.replica], async () => (await stateOf(ben.replica, path)).value === 'after')
    expect((await stateOf(ben.replica, path)).level).toBe('shared')
    ben.content.fetches = 'well'
    await until([ben.replica], async () => (await stateOf(ben.replica, path)).level === 'final')
    expect((await stateOf(ben.replica, `${space}/claims/large`)).value).toBe(large)
    expect(await ben.replica.fingerprint(space)).toBe(await ada.replica.fingerprint(space))
  }, 120_000)

  test('while storage is away, a large event waits and says why, small ones go on, and it goes out once storage is there', async () => {
    const { ada, ben, space } = await openTwo()
    ada.content.setAway('The disk is being exchanged.')
    const id = await ada.replica.runtime.submitEvent({ path: `${space}/claims/large`, op: 'put', value: large, requires: 'consensus' })
    await until([ada.replica], async () => {
      const { deliveries } = await ada.replica.runtime.trace(id)
      return deliveries.some(({ network, reason }) => network === 'solana' && reason?.includes('The disk is being exchanged.') === true)
    })
    await ben.replica.runtime.submitEvent({ path: `${space}/claims/1`, op: 'put', value: 'small', requires: 'consensus' })
    await until([ada.replica, ben.replica], async () => (await stateOf(ada.replica, `${space}/claims/1`)).level === 'final')
    ada.content.setAway(undefined)
    await until([ada.replica, ben.replica], async () => (await stateOf(ben.replica, `${space}/claims/large`)).level === 'final')
    expect((await stateOf(ben.replica, `${space}/claims/large`)).value).toBe(large)
  }, 120_000)
})

describe('strangers and broken lists', () => {
  test('P7: anchors of strangers are never fetched and hold nothing up; a member’s broken list holds nothing either', async () => {
    const { ada, ben, space } = await openTwo()
    const [mine = expect.fail('no space')] = ben.parts.spaces.list()
    const reference = await referenceKey(mine.secret)
    const say = await openStranger(devnet)
    const nowhere = await shared.join().putBlock(encodeEventList([new Uint8Array(200)]))
    const garbage = await ada.content.putBlock(new Uint8Array(2_000).fill(255))
    const forged = await ada.content.putBlock(encodeEventList([new Uint8Array(200), ...(await foreignEvents(ada))]))
    ben.content.asked.length = 0
    for (const memo of [
      await anchorMemo(nowhere, new Uint8Array(32).fill(1)),
      'S2',
      'S2abc',
      `S2${'~'.repeat(700)}`,
      // By someone who has the secret.
      await anchorMemo(garbage, mine.secret),
      await anchorMemo(forged, mine.secret),
    ])
      await say(memo, reference)
    await ada.replica.runtime.submitEvent({ path: `${space}/claims/1`, op: 'put', value: 'after', requires: 'consensus' })
    const log = await ben.replica.log()
    await until([ada.replica, ben.replica], async () => (await stateOf(ben.replica, `${space}/claims/1`)).level === 'final')
    expect([...ben.content.asked].sort()).toEqual([garbage, forged].sort())
    expect(await ben.replica.log()).toHaveLength(log.length + 1)
    const facts = ben.provider.facts()
    expect(facts['ignored anchors that no member made']).toBe(1)
    expect(facts['ignored anchors of what is no list of events']).toBe(1)
    expect(facts['ignored memos that are no events']).toBeGreaterThanOrEqual(3)
    expect(facts['ignored events not signed by their author, or of another space']).toBeGreaterThanOrEqual(1)
    expect(facts).not.toHaveProperty('lists that can not be had yet')
  }, 120_000)
})

/** Real events of another space. */
async function foreignEvents({ replica }: Opened): Promise<readonly Uint8Array[]> {
  const elsewhere = await replica.runtime.createSpace({ name: 'Elsewhere', id: 'elsewhere', policies: { claims: 'consensus' } })
  await replica.runtime.submitEvent({ path: `${elsewhere.id}/claims/1`, op: 'put', value: 'other', requires: 'consensus' })
  return (await replica.log(elsewhere.id)).map(({ bytes }) => bytes)
}
