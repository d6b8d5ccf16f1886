import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startSolanaDevnet } from '../../../devnet/solana/solana-devnet.js'
import type { SolanaDevnet } from '../../../devnet/solana/solana-devnet.js'
import type { EventId } from '../../model/event.js'
import type { Level } from '../../model/network.js'
import type { SpaceId } from '../../model/path.js'
import type { Replica } from '../../testing/replicas.js'
import { nodePlatform } from '../../platform/node.js'
import type { NetworkProvider } from '../provider.js'
import { signatureStatuses } from './rpc-requests.js'
import { SolanaRpc } from './solana-rpc.js'
import { openOnChain, openPair, stateOf, until } from './test/replicas-on-chain.js'
import type { OnChainOptions } from './test/replicas-on-chain.js'

let devnet: SolanaDevnet
let providers: NetworkProvider[]
let replicas: Replica[]

beforeEach(async () => {
  devnet = await startSolanaDevnet({ slotMilliseconds: 50, finalityDepth: 8 })
  providers = []
  replicas = []
})
afterEach(async () => {
  await Promise.all(replicas.map((replica) => replica.runtime.close()))
  await devnet.close()
})

async function pair(options: OnChainOptions = {}): Promise<{ readonly ada: Replica; readonly ben: Replica; readonly space: SpaceId }> {
  const open = (): Promise<Replica> => openOnChain(devnet, { ...options, onProvider: (provider) => providers.push(provider) })
  const [ada, ben] = await Promise.all([open(), open()])
  replicas.push(ada, ben)
  return { ada, ben, space: await openPair(ada, ben) }
}

function put(replica: Replica, path: string, value: string): Promise<EventId> {
  return replica.runtime.submitEvent({ path, op: 'put', value, requires: 'consensus' })
}

interface Wanted {
  readonly value: string
  readonly level: Level
}

async function has(replica: Replica, path: string, { value, level }: Wanted): Promise<boolean> {
  const state = await stateOf(replica, path)
  return state.value === value && state.level === level
}

async function headSlot(): Promise<number> {
  const rpc = new SolanaRpc({ endpoints: [devnet.url], platform: nodePlatform })
  const { slot } = await rpc.call(signatureStatuses([], false))
  return slot
}

/** No event is on the chain a second time. */
function expectNoneTwice(): void {
  for (const provider of providers) expect(provider.facts()).not.toHaveProperty('ignored events that were there before')
}

describe('a slot that is rolled back', () => {
  test('P5: takes its level back on every device, and what was in it gets there again, once', async () => {
    const { ada, ben, space } = await pair()
    const path = `${space}/claims/1`
    devnet.set({ stallFinality: true })
    const id = await put(ada, path, 'x')
    await until(
      [ada, ben],
      async () => (await has(ada, path, { value: 'x', level: 'confirmed' })) && (await has(ben, path, { value: 'x', level: 'confirmed' })),
    )
    // Nobody may land it again before it was seen to be gone.
    devnet.set({ loseTransactions: true })
    devnet.rollBack(1_000, 'vanish')
    await until([ada, ben], async () => {
      const levels = await Promise.all([ada, ben].map(async (replica) => (await stateOf(replica, path)).level))
      return levels.every((level) => level === 'local' || level === 'sent')
    })
    expect((await stateOf(ben, path)).value).toBe('x')
    devnet.set({ loseTransactions: false, stallFinality: false })
    await until(
      [ada, ben],
      async () => (await has(ada, path, { value: 'x', level: 'final' })) && (await has(ben, path, { value: 'x', level: 'final' })),
    )
    expect((await ada.runtime.trace(id)).receipts).toMatchObject([{ network: 'solana', level: 'final' }])
    expectNoneTwice()
  })

  test('and comes again in another order changes who won, on both devices alike', async () => {
    const { ada, ben, space } = await pair()
    const path = `${space}/claims/1`
    devnet.set({ stallFinality: true })
    const claim = (replica: Replica, value: string): Promise<EventId> =>
      replica.runtime.submitEvent({ path, op: 'put', value, requires: 'consensus', expect: [] })
    const rivals = await Promise.all([claim(ada, 'ada'), claim(ben, 'ben')])
    const settled = async (): Promise<boolean> => {
      const kinds = await Promise.all(
        [ada, ben].flatMap((replica) =>
          rivals.map((id) =>
            replica.runtime.trace(id).then(
              (trace) => (trace.receipts.some(({ order }) => order !== undefined) ? trace.standing.kind : 'unordered'),
              () => 'unknown',
            ),
          ),
        ),
      )
      return kinds.filter((kind) => kind === 'applied').length === 2 && kinds.filter((kind) => kind === 'rejected').length === 2
    }
    await until([ada, ben], settled)
    const orders = async (): Promise<readonly string[]> =>
      Promise.all(rivals.map(async (id) => String((await ada.runtime.trace(id)).receipts[0]?.order)))
    const before = await orders()
    // Just the slots from the first claim on: what paid for them stays.
    const first = Math.min(...before.map((order) => Number(order.split(',')[0])))
    devnet.rollBack((await headSlot()) - first + 1, 'again')
    // A claim whose blockhash was of a slot that is gone is made anew, once it is final that the old one can't come.
    devnet.set({ stallFinality: false })
    await until([ada, ben], async () => (await settled()) && (await orders()).every((order) => !before.includes(order)))
    expect((await stateOf(ada, path)).value).toBe((await stateOf(ben, path)).value)
    await until([ada, ben], async () => (await settled()) && (await stateOf(ada, path)).level === 'final')
    expect(await ada.fingerprint(path)).toBe(await ben.fingerprint(path))
  })
})

describe('a node', () => {
  test('that is stopped and comes back: said in the status, nothing lost, nothing twice', async () => {
    const { ada, ben, space } = await pair()
    const status = async (): Promise<string | undefined> =>
      (await ada.runtime.networks()).find(({ network }) => network === 'solana')?.state
    await put(ada, `${space}/claims/0`, 'before')
    await until([ada, ben], () => has(ben, `${space}/claims/0`, { value: 'before', level: 'final' }))
    devnet.set({ down: true })
    const paths = Array.from({ length: 5 }, (_none, index) => `${space}/claims/while-${index}`)
    await Promise.all(paths.map((path) => put(ada, path, path)))
    await until([ada, ben], async () => (await status()) === 'away')
    expect((await ada.runtime.networks())[0]?.reason).toMatch(/127\.0\.0\.1.*\.$/)
    devnet.set({ down: false })
    await until([ada, ben], async () =>
      (await Promise.all(paths.map((path) => has(ben, path, { value: path, level: 'final' })))).every(Boolean),
    )
    expect(await status()).toBe('connected')
    expectNoneTwice()
  })

  test('that asks for fewer requests gets fewer, and all arrives', async () => {
    const { ada, ben, space } = await pair()
    devnet.set({ rateLimit: { requests: 12, retryAfterSeconds: 1 } })
    await put(ada, `${space}/claims/1`, 'x')
    await until([ada, ben], () => has(ben, `${space}/claims/1`, { value: 'x', level: 'final' }))
    expectNoneTwice()
  })

  test('that loses answers, or requests, sends nothing twice', async () => {
    const { ada, ben, space } = await pair()
    const paths = Array.from({ length: 6 }, (_none, index) => `${space}/claims/${index}`)
    for (const [index, path] of paths.entries()) {
      devnet.set({ drop: { requests: 3, loss: index % 2 === 0 ? 'answer' : 'request' } })
      await put(ada, path, path)
    }
    await until([ada, ben], async () =>
      (await Promise.all(paths.map((path) => has(ben, path, { value: path, level: 'final' })))).every(Boolean),
    )
    expectNoneTwice()
  })

  test('that fails hands over to the next endpoint', async () => {
    const broken = 'http://127.0.0.1:9/'
    const { ada, ben, space } = await pair({ settings: { cluster: [broken, devnet.url] } })
    await put(ada, `${space}/claims/1`, 'x')
    await until([ada, ben], () => has(ben, `${space}/claims/1`, { value: 'x', level: 'final' }))
    expect(providers[0]?.facts()['endpoint']).toBe(new URL(devnet.url).host)
  })

  test('whose finality stalls: confirmed and no more, for as long as that lasts', async () => {
    const { ada, ben, space } = await pair()
    devnet.set({ stallFinality: true })
    await put(ada, `${space}/claims/1`, 'x')
    await until([ada, ben], () => has(ben, `${space}/claims/1`, { value: 'x', level: 'confirmed' }))
    await devnet.step(40)
    await Promise.all([ada, ben].map((replica) => replica.runtime.syncNetworks()))
    expect(await has(ben, `${space}/claims/1`, { value: 'x', level: 'confirmed' })).toBe(true)
    devnet.set({ stallFinality: false })
    await until([ada, ben], () => has(ben, `${space}/claims/1`, { value: 'x', level: 'final' }))
    expect(await has(ben, `${space}/claims/1`, { value: 'x', level: 'final' })).toBe(true)
  })
})

describe('a device', () => {
  test('that dies while its events are on their way has them on the chain once', async () => {
    const { ada, ben, space } = await pair()
    const paths = Array.from({ length: 4 }, (_none, index) => `${space}/claims/${index}`)
    for (const path of paths) {
      await put(ada, path, path)
      await until([ada], async () => ['sent', 'confirmed', 'final'].includes((await stateOf(ada, path)).level))
      await ada.restart()
    }
    await until([ada, ben], async () =>
      (await Promise.all(paths.map((path) => has(ben, path, { value: path, level: 'final' })))).every(Boolean),
    )
    expectNoneTwice()
  })
})
