import { afterAll, expect, test } from 'vitest'
import { startSolanaDevnet } from '../../../devnet/solana/solana-devnet.js'
import type { EventId } from '../../model/event.js'
import type { Replica } from '../../testing/replicas.js'
import { openOnChain, openPair, stateOf, until } from './test/replicas-on-chain.js'

const devnet = await startSolanaDevnet({ slotMilliseconds: 50, finalityDepth: 8 })
afterAll(() => devnet.close())

async function referenceOf(replica: Replica, id: EventId): Promise<string | undefined> {
  const { receipts } = await replica.runtime.trace(id)
  return receipts.find(({ network }) => network === 'solana')?.reference
}

test('a chain that was wiped under the same URL: every level is taken back on whole devices, and their events are final again on the new one', async () => {
  const both = await Promise.all([openOnChain(devnet), openOnChain(devnet)])
  const [ada, ben] = both
  const space = await openPair(ada, ben)
  const paths = [`${space}/claims/1`, `${space}/claims/2`]
  const ids = [
    await ada.runtime.submitEvent({ path: paths[0] ?? '', op: 'put', value: 'ada', expect: [] }),
    await ben.runtime.submitEvent({ path: paths[1] ?? '', op: 'put', value: 'ben', expect: [] }),
  ]
  const final = async (): Promise<boolean> => {
    const levels = await Promise.all(both.flatMap((replica) => paths.map(async (path) => (await stateOf(replica, path)).level)))
    return levels.every((level) => level === 'final')
  }
  await until(both, final)
  const before = await Promise.all(ids.map((id) => referenceOf(ada, id)))

  devnet.exchange()
  // No device goes on claiming what the old chain gave.
  await until(both, async () => !(await final()))
  await until(both, final)

  for (const replica of both) {
    expect(await Promise.all(paths.map(async (path) => (await stateOf(replica, path)).value))).toEqual(['ada', 'ben'])
    for (const [index, id] of ids.entries()) expect(await referenceOf(replica, id)).not.toBe(before[index])
  }
  expect(await ada.fingerprint(`${space}/claims`)).toBe(await ben.fingerprint(`${space}/claims`))
  await Promise.all(both.map((replica) => replica.runtime.close()))
}, 120_000)
