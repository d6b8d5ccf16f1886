import { afterAll, expect, test } from 'vitest'
import { startSolanaDevnet } from '../../../devnet/solana/solana-devnet.js'
import type { EventId } from '../../model/event.js'
import type { Standing } from '../../model/trace.js'
import type { Replica } from '../../testing/replicas.js'
import { openOnChain, openPair, stateOf, until } from './test/replicas-on-chain.js'

const devnet = await startSolanaDevnet({ slotMilliseconds: 50, finalityDepth: 8 })
afterAll(() => devnet.close())

const DOCUMENTS = 5
const ROUNDS = 10

async function standing(replica: Replica, id: EventId): Promise<Standing | undefined> {
  // One that has not come yet is not known.
  return await replica.runtime.trace(id).then(
    (trace) => trace.standing,
    () => undefined,
  )
}

/** Of two who expect the same, the winner; undefined while a device can't tell, or says something else than the other one. */
async function winnerOf(replicas: readonly Replica[], rivals: readonly EventId[]): Promise<EventId | undefined> {
  const told = await Promise.all(replicas.map((replica) => Promise.all(rivals.map((id) => standing(replica, id)))))
  const winners = told.map((standings) => {
    const applied = rivals.filter((_id, index) => standings[index]?.kind === 'applied')
    const rejected = standings.filter((one) => one?.kind === 'rejected' && one.code === 'CONFLICT' && one.winner === applied[0])
    return applied.length === 1 && rejected.length === rivals.length - 1 ? applied[0] : undefined
  })
  return winners.every((winner) => winner === winners[0]) ? winners[0] : undefined
}

test('of two devices that race for one document, fifty times, one wins each time, the same on both, and the loser is told', async () => {
  const [ada, ben] = await Promise.all([openOnChain(devnet), openOnChain(devnet)])
  const both = [ada, ben]
  const space = await openPair(ada, ben)
  const wins = { ada: 0, ben: 0 }
  const race = async (path: string, round: number, before: readonly EventId[]): Promise<EventId> => {
    const claim = (replica: Replica, by: string): Promise<EventId> =>
      replica.runtime.submitEvent({ path, op: 'put', value: { by, round }, requires: 'consensus', expect: before })
    const rivals = await Promise.all([claim(ada, 'ada'), claim(ben, 'ben')])
    let winner: EventId | undefined
    await until(both, async () => {
      winner = await winnerOf(both, rivals)
      const ordered = await Promise.all(both.map(async (replica) => (await stateOf(replica, path)).pending.length === 0))
      return winner !== undefined && ordered.every(Boolean)
    })
    const by = winner === rivals[0] ? 'ada' : 'ben'
    wins[by]++
    // The loser's optimistic value is gone.
    for (const replica of both) expect((await stateOf(replica, path)).value).toEqual({ by, round })
    const [loser, told] = by === 'ada' ? [rivals[1], ben] : [rivals[0], ada]
    await expect(told.runtime.reached(loser, 'final')).rejects.toMatchObject({ code: 'CONFLICT', context: { winner } })
    return winner ?? expect.fail('nobody won')
  }
  await Promise.all(
    Array.from({ length: DOCUMENTS }, async (_none, document) => {
      let heads: readonly EventId[] = []
      for (let round = 0; round < ROUNDS; round++) heads = [await race(`${space}/claims/${document}`, round, heads)]
    }),
  )
  expect(wins.ada + wins.ben).toBe(DOCUMENTS * ROUNDS)
  await until(both, async () => (await stateOf(ada, `${space}/claims/0`)).level === 'final')
  expect(await ada.fingerprint(`${space}/claims`)).toBe(await ben.fingerprint(`${space}/claims`))
  await Promise.all(both.map((replica) => replica.runtime.close()))
}, 180_000)
