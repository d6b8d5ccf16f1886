import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { startSolanaDevnet } from '../../../devnet/solana/solana-devnet.js'
import type { SolanaDevnet } from '../../../devnet/solana/solana-devnet.js'
import { START_CURSOR } from '../../model/cursor.js'
import type { Cursor } from '../../model/cursor.js'
import { EventFactory } from '../../testing/event-factory.js'
import type { FactoryEvent } from '../../testing/event-factory.js'
import type { DeviceParts } from '../provider-parts.js'
import type { NetworkProvider, Update } from '../provider.js'
import { ChainIdentity } from './chain-identity.js'
import { parseSettings } from './settings.js'
import { createSolanaProvider } from './solana-provider.js'
import { hurriedPlatform } from './test/hurried-platform.js'
import { MemoryRows } from '../../testing/memory-parts.js'
import { deviceInMemory } from './test/peer-harness.js'

const MAINNET = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d'
const DEVNET = 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG'

describe('which chain a device is on', () => {
  const load = (rows: MemoryRows, cluster: string | readonly string[]): Promise<ChainIdentity> =>
    ChainIdentity.load(rows, parseSettings({ cluster }))

  test('the first one that is met, also after a restart', async () => {
    const rows = new MemoryRows()
    const first = await load(rows, 'https://rpc.example.com')
    expect(first.genesis).toBeUndefined()
    first.accept('one')
    await first.saved()
    const second = await load(rows, 'https://rpc.example.com')
    expect(second.genesis).toBe('one')
    expect(() => second.accept('two')).toThrow(expect.objectContaining({ code: 'NETWORK_EXCHANGED' }))
    expect(() => second.accept('two')).toThrow(/genesis two.*genesis one/)
    expect(second.genesis).toBe('one')
    second.accept('one')
  })

  test('under a public name, that cluster and no other, from the first contact on', async () => {
    const identity = await load(new MemoryRows(), 'devnet')
    expect(() => identity.accept(MAINNET)).toThrow(expect.objectContaining({ code: 'NETWORK_EXCHANGED' }))
    identity.accept(DEVNET)
    expect(identity.genesis).toBe(DEVNET)
  })

  test('under another name, a new one: that is what the app says', async () => {
    const rows = new MemoryRows()
    const first = await load(rows, 'https://rpc.example.com')
    first.accept('one')
    await first.saved()
    const second = await load(rows, 'https://other.example.com')
    expect(second.genesis).toBeUndefined()
    second.accept('two')
    expect(second.genesis).toBe('two')
  })

  test('on loopback, the new one when it was wiped, unless several endpoints or a public cluster are in it', async () => {
    const wiped = await load(new MemoryRows(), 'http://localhost:8899')
    wiped.accept('one')
    wiped.accept('two')
    expect(wiped.genesis).toBe('two')
    expect(() => wiped.accept(MAINNET)).toThrow(expect.objectContaining({ code: 'NETWORK_EXCHANGED' }))
    const several = await load(new MemoryRows(), ['http://localhost:8899', 'http://localhost:9899'])
    several.accept('one')
    expect(() => several.accept('two')).toThrow(expect.objectContaining({ code: 'NETWORK_EXCHANGED' }))
  })

  test('a damaged row is a first contact', async () => {
    const rows = new MemoryRows()
    await rows.write([['chain', new TextEncoder().encode('{"cluster":1')]])
    expect((await load(rows, 'devnet')).genesis).toBeUndefined()
  })
})

/** One device whose endpoint leads to whichever chain the test says. */
class Traveller {
  readonly provider: NetworkProvider
  cursor: Cursor = START_CURSOR
  at: SolanaDevnet
  readonly resets: string[] = []
  readonly #settings: object

  constructor(at: SolanaDevnet, { device = deviceInMemory(), url = 'http://chain.example/' }: { device?: DeviceParts; url?: string } = {}) {
    this.at = at
    const detour: typeof fetch = (_input, init) => fetch(this.at.url, init)
    this.provider = createSolanaProvider(device, { fetch: detour })
    this.#settings = { cluster: url, faucet: true }
  }

  start(): Promise<void> {
    return this.provider.start({ platform: hurriedPlatform, settings: this.#settings })
  }

  async pull(): Promise<readonly Update[]> {
    const updates: Update[] = []
    for await (const update of this.provider.syncUpdates(this.cursor)) {
      updates.push(update)
      this.cursor = update.cursor
      if (update.reset === true) this.resets.push(this.provider.status().state)
    }
    return updates
  }

  async pullUntil(enough: (updates: readonly Update[]) => boolean): Promise<readonly Update[]> {
    const all: Update[] = []
    for (let pulls = 0; pulls < 200 && !enough(all); pulls++) {
      all.push(...(await this.pull().catch(() => [])))
      await new Promise((resolve) => hurriedPlatform.after(500, () => resolve(undefined)))
    }
    return all
  }
}

describe('a chain that is exchanged under the same name', () => {
  let event: FactoryEvent
  let right: SolanaDevnet
  let wrong: SolanaDevnet
  const open: SolanaDevnet[] = []
  const begin = async (): Promise<SolanaDevnet> => {
    const devnet = await startSolanaDevnet({ slotMilliseconds: 50, finalityDepth: 8 })
    open.push(devnet)
    return devnet
  }
  beforeEach(async () => {
    ;[right, wrong] = await Promise.all([begin(), begin()])
    event = await (await EventFactory.create()).event({ needs: ['consensus'] })
  })
  afterAll(async () => {
    await Promise.all(open.map((devnet) => devnet.close()))
  })
  const isFinal = (updates: readonly Update[]): boolean => updates.some(({ receipts }) => receipts.some(({ level }) => level === 'final'))

  test('takes back what it gave, takes nothing, says so, and all is there again with the right one', async () => {
    const device = new Traveller(right)
    await device.start()
    const sent = await device.provider.submitEvent(event)
    expect(isFinal(await device.pullUntil(isFinal))).toBe(true)
    device.at = wrong
    // Whoever sends first notices it as well as whoever pulls.
    const other = await (await EventFactory.create()).event({ needs: ['consensus'] })
    await expect(device.provider.submitEvent(other)).rejects.toMatchObject({ code: 'NETWORK_EXCHANGED' })
    expect(await device.pull()).toMatchObject([{ reset: true, events: [], receipts: [], cursor: START_CURSOR }])
    expect(device.resets).toEqual(['away'])
    expect(device.provider.status().reason).toMatch(/serves another chain .*Nothing is sent/)
    await expect(device.provider.submitEvent(event)).rejects.toMatchObject({ code: 'NETWORK_EXCHANGED' })
    // Nothing more is taken back, and nothing comes from there.
    await expect(device.pull()).rejects.toMatchObject({ code: 'NETWORK_EXCHANGED' })
    device.at = right
    const again = await device.pullUntil((updates) => device.provider.status().state === 'connected' && isFinal(updates))
    expect(again.flatMap(({ receipts }) => receipts.filter(({ level }) => level === 'final'))).toMatchObject([
      { event: event.id, reference: sent.reference },
    ])
    expect((await device.provider.submitEvent(event)).reference).toBe(sent.reference)
    expect(device.resets).toHaveLength(1)
    await device.provider.stop()
  })

  test('is noticed after a restart too', async () => {
    const parts = deviceInMemory()
    const before = new Traveller(right, { device: parts })
    await before.start()
    await before.provider.submitEvent(event)
    await before.pullUntil(isFinal)
    await before.provider.stop()
    const after = new Traveller(wrong, { device: parts })
    after.cursor = before.cursor
    await after.start()
    await after.pullUntil(() => after.resets.length > 0)
    expect(after.resets).toEqual(['away'])
    await after.provider.stop()
  })

  test('is the right one at once where it was wiped on loopback: all is taken back and can be sent again', async () => {
    const device = new Traveller(right, { url: 'http://127.0.0.1:8899/' })
    await device.start()
    const sent = await device.provider.submitEvent(event)
    await device.pullUntil(isFinal)
    right.exchange()
    await device.pullUntil(() => device.resets.length > 0)
    expect(device.resets).toEqual(['connected'])
    const again = await device.provider.submitEvent(event)
    expect(again.reference).not.toBe(sent.reference)
    expect(isFinal(await device.pullUntil(isFinal))).toBe(true)
    await device.provider.stop()
  })
})
