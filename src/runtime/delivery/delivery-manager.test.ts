import { afterEach, describe, expect, it } from 'vitest'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { NetworkProvider } from '../networks/provider.js'
import { ManualPlatform } from '../testing/manual-platform.js'
import { SimulatedNetwork } from '../testing/simulated-network.js'
import type { SimulatedNetworkOptions } from '../testing/simulated-network.js'
import { whyUnreachable } from './reachable.js'
import { DeliveryBench } from './test/delivery-bench.js'
import type { BenchOptions } from './test/delivery-bench.js'

type Options = Partial<SimulatedNetworkOptions>
const benches: DeliveryBench[] = []
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.stop()
})

/** A device on a team network, a storage network and a chain. */
async function device(options: { team?: Options; storage?: Options; chain?: Options; bench?: BenchOptions } = {}) {
  const platform = new ManualPlatform({ seed: 7 })
  const team = new SimulatedNetwork({ platform, network: 'holochain', requirements: ['team'], ...options.team })
  const storage = new SimulatedNetwork({ platform, network: 'ipfs', requirements: ['storage'], ...options.storage })
  const chain = new SimulatedNetwork({
    platform,
    network: 'solana',
    requirements: ['consensus'],
    ordering: 'total',
    cost: 5_000,
    ...options.chain,
  })
  const providers = [team, storage, chain].map((network) => network.join('me'))
  const bench = await DeliveryBench.open({ platform, providers, ...options.bench })
  benches.push(bench)
  const phases = (): readonly string[] =>
    bench.seen.flatMap(({ diagnostic }) => (diagnostic.kind === 'delivery-moved' ? [`${diagnostic.network} ${diagnostic.phase}`] : []))
  return { platform, team, storage, chain, providers, bench, phases }
}

describe('an event for this device', () => {
  it('is delivered with its transaction, by one row that a batch shares', async () => {
    const { bench } = await device()
    await bench.submit(['local'])
    const [position] = await bench.submitMany([['local'], ['local'], ['local']])
    expect(bench.lastChanges.map(([key]) => key)).toEqual(['x/0000000004'])
    for (let at = position ?? 0; at <= 4; at++) {
      expect(await bench.manager.deliveriesOf(at)).toEqual([
        { requirement: 'local', network: 'local', phase: 'delivered', level: 'local', attempts: 1, queuedAt: bench.platform.now() },
      ])
      expect((await bench.manager.decisionOf(at))?.legs[0]?.reason).toBe('Local is the only network that serves local.')
    }
    expect(bench.receptions).toBe(0)
    expect(await bench.manager.deliveriesOf(5)).toEqual([])
  })

  it('of someone else has no decision', async () => {
    const { bench } = await device()
    const foreign = await bench.foreign('holochain')
    const own = await bench.submit(['local'])
    expect(await bench.manager.decisionOf(foreign)).toBeUndefined()
    expect(await bench.manager.deliveriesOf(foreign)).toEqual([])
    expect(await bench.manager.deliveriesOf(own)).toHaveLength(1)
  })
})

describe('an event for a network', () => {
  it('is queued, sent and delivered, and its receipt kept', async () => {
    const { bench, phases } = await device()
    const position = await bench.submit(['team'])
    expect(await bench.delivery(position, 'holochain')).toMatchObject({ phase: 'queued', attempts: 0 })
    expect(bench.manager.queuedCounts()).toMatchObject({ holochain: 1, solana: 0 })
    expect(await bench.until(position, 'holochain', 'delivered')).toMatchObject({ level: 'sent', attempts: 1 })
    expect(bench.receiptsOf(position)).toMatchObject([{ network: 'holochain', level: 'sent' }])
    expect(bench.manager.queuedCounts()).toMatchObject({ holochain: 0 })
    expect(bench.manager.deliveredCounts()).toMatchObject({ holochain: 1 })
    expect(phases()).toEqual(['holochain sending', 'holochain delivered'])
  })

  it('shows the bytes to its network, and nothing of what is in them', async () => {
    const { bench, providers, platform } = await device()
    const [team] = providers
    if (team === undefined) expect.fail('no provider')
    const shown: unknown[] = []
    team.submitEvent = (event) => {
      shown.push(event)
      return Promise.reject(new SpiceTimeError('NETWORK_REFUSED', 'No.'))
    }
    await bench.submit(['team'])
    await platform.until(() => shown.length > 0)
    expect(Object.keys(shown[0] ?? {}).sort()).toEqual(['bytes', 'id', 'needs', 'space'])
  })

  it('is tried again, ever later, until it is through', async () => {
    const { bench, team, platform } = await device({ team: { faults: { loss: 1 } } })
    const position = await bench.submit(['team'])
    await platform.until(async () => ((await bench.delivery(position, 'holochain'))?.attempts ?? 0) >= 3)
    const waiting = await bench.until(position, 'holochain', 'queued')
    expect(waiting.reason).toMatch(/lost/)
    expect(waiting.nextAttemptAt).toBeGreaterThan(platform.now())
    team.setFaults({ loss: 0 })
    expect((await bench.until(position, 'holochain', 'delivered')).attempts).toBeGreaterThan(3)
  })
})

describe('a refusal', () => {
  it('ends the delivery with its reason, and nothing else', async () => {
    const { bench, providers } = await device()
    const [team] = providers
    if (team === undefined) expect.fail('no provider')
    team.submitEvent = () => Promise.reject(new SpiceTimeError('NETWORK_REFUSED', 'The network does not take it: too odd.'))
    const [one, two] = await bench.submitMany([['team'], ['consensus']])
    expect(await bench.until(one ?? 0, 'holochain', 'refused')).toMatchObject({ reason: 'The network does not take it: too odd.' })
    await bench.until(two ?? 0, 'solana', 'delivered')
    expect(bench.manager.queuedCounts()).toMatchObject({ holochain: 0, solana: 0 })
    expect(bench.manager.deliveredCounts()).toMatchObject({ holochain: 0, solana: 1 })
    await bench.crash()
    expect(await bench.delivery(one ?? 0, 'holochain')).toMatchObject({ phase: 'refused' })
    expect(bench.manager.queuedCounts()).toMatchObject({ holochain: 0 })
  })

  it('is answered to whoever waits for a level', async () => {
    const { bench, providers } = await device()
    const [team] = providers
    if (team === undefined) expect.fail('no provider')
    team.submitEvent = () => Promise.reject(new SpiceTimeError('NETWORK_REFUSED', 'Too odd.'))
    const position = await bench.submit(['team'])
    const prospects = async () => ({
      needs: ['team' as const],
      decision: await bench.manager.decisionOf(position),
      deliveries: await bench.manager.deliveriesOf(position),
    })
    expect(whyUnreachable(await prospects(), 'shared')).toBeUndefined()
    await bench.until(position, 'holochain', 'refused')
    expect(whyUnreachable(await prospects(), 'shared')).toContain('refused: Too odd.')
    expect(whyUnreachable(await prospects(), 'local')).toBeUndefined()
    expect(whyUnreachable({ needs: ['local'], decision: undefined, deliveries: [] }, 'sent')).toContain("needs 'local' only")
  })
})

describe('a network that is away', () => {
  it('lets deliveries queue with the reason, and gets them when it is back', async () => {
    const { bench, team, platform } = await device()
    team.disconnect('me', 'The cable is out.')
    const positions = await bench.submitMany(Array.from({ length: 30 }, () => ['team' as const]))
    await platform.pass(600_000)
    const waiting = await bench.delivery(positions[0] ?? 0, 'holochain')
    expect(waiting).toMatchObject({ phase: 'queued', attempts: 0, reason: 'holochain is away: The cable is out.' })
    expect(bench.manager.queuedCounts()).toMatchObject({ holochain: 30 })
    expect(team.contacts('me')).toBe(0)
    team.reconnect('me')
    for (const position of positions) await bench.until(position, 'holochain', 'delivered')
    expect(bench.manager.queuedCounts()).toMatchObject({ holochain: 0 })
    expect(bench.manager.deliveredCounts()).toMatchObject({ holochain: 30 })
  })

  it('counts what is queued right after a restart, without reading the queue', async () => {
    const { bench, team } = await device()
    team.disconnect('me')
    await bench.submitMany(Array.from({ length: 30 }, () => ['team' as const]))
    await bench.crash()
    expect(bench.manager.queuedCounts()).toMatchObject({ holochain: 30 })
    team.reconnect('me')
    await bench.until(30, 'holochain', 'delivered')
    await bench.platform.until(() => bench.manager.queuedCounts().holochain === 0)
    expect(bench.manager.deliveredCounts()).toMatchObject({ holochain: 30 })
  })
})

describe('a deadline', () => {
  it('ends a delivery that was not made in time, connected or not, also after a restart', async () => {
    const { bench, team, platform } = await device()
    team.disconnect('me')
    const deadline = platform.now() + 10_000
    const position = await bench.submit(['team'], { deadline })
    const patient = await bench.submit(['team'])
    await platform.pass(5_000)
    expect(await bench.delivery(position, 'holochain')).toMatchObject({ phase: 'queued' })
    await bench.crash()
    expect((await bench.until(position, 'holochain', 'expired')).reason).toContain(String(deadline))
    expect(platform.now()).toBeLessThan(deadline + 1_000)
    expect(bench.manager.queuedCounts()).toMatchObject({ holochain: 1 })
    team.reconnect('me')
    await bench.until(patient, 'holochain', 'delivered')
    expect(await bench.delivery(position, 'holochain')).toMatchObject({ phase: 'expired' })
  })

  it('does not touch what was delivered before', async () => {
    const { bench, platform } = await device()
    const position = await bench.submit(['team'], { deadline: platform.now() + 10_000 })
    await bench.until(position, 'holochain', 'delivered')
    await platform.pass(60_000)
    expect(await bench.delivery(position, 'holochain')).toMatchObject({ phase: 'delivered' })
  })
})

describe('several needs', () => {
  it('anchor only what is stored', async () => {
    const { bench, storage, platform } = await device()
    storage.disconnect('me')
    const position = await bench.submit(['storage', 'consensus'])
    await platform.pass(60_000)
    expect(await bench.delivery(position, 'solana')).toMatchObject({ phase: 'queued', reason: 'It waits for storage.' })
    expect(bench.manager.queuedCounts()).toMatchObject({ ipfs: 1, solana: 1 })
    await bench.crash()
    storage.reconnect('me')
    await bench.until(position, 'solana', 'delivered')
    expect(bench.receiptsOf(position).map((receipt) => receipt.network)).toEqual(['ipfs', 'solana'])
    expect(bench.manager.queuedCounts()).toMatchObject({ ipfs: 0, solana: 0 })
  })

  it('are given up together when storage refuses', async () => {
    const { bench, providers } = await device()
    const storage = providers[1]
    if (storage === undefined) expect.fail('no provider')
    storage.submitEvent = () => Promise.reject(new SpiceTimeError('NETWORK_REFUSED', 'Full.'))
    const position = await bench.submit(['storage', 'consensus', 'team'])
    expect((await bench.until(position, 'solana', 'refused')).reason).toBe('It waited for storage, and that ended: Full.')
    await bench.until(position, 'holochain', 'delivered')
    expect(bench.manager.queuedCounts()).toMatchObject({ ipfs: 0, solana: 0, holochain: 0 })
  })
})

describe('a receipt that comes by a pull', () => {
  it('settles the delivery that still waits', async () => {
    const { bench, team, platform } = await device()
    team.disconnect('me')
    const position = await bench.submit(['team'])
    const event = bench.events[position - 1]
    if (event === undefined) expect.fail('no event')
    const receipt = {
      event: event.id,
      network: 'holochain',
      level: 'shared',
      reference: 'r',
      cost: 0,
      at: platform.now(),
      latency: 0,
    } as const
    await bench.receive('holochain', { events: [], receipts: [receipt], retracted: [] })
    expect(await bench.delivery(position, 'holochain')).toMatchObject({ phase: 'delivered', level: 'shared', attempts: 0 })
    expect(bench.manager.queuedCounts()).toMatchObject({ holochain: 0 })
    await bench.receive('holochain', { events: [], receipts: [{ ...receipt, level: 'final' }], retracted: [] })
    expect(await bench.delivery(position, 'holochain')).toMatchObject({ level: 'final' })
    expect(bench.manager.deliveredCounts()).toMatchObject({ holochain: 1 })
    team.reconnect('me')
    await platform.pass(60_000)
    expect(team.contacts('me')).toBe(0)
  })

  it('taken back queues the event again', async () => {
    const { bench, chain, phases } = await device()
    const position = await bench.submit(['consensus'])
    await bench.until(position, 'solana', 'delivered')
    await bench.platform.pass(1_000)
    const event = bench.events[position - 1]
    expect(chain.rollBack(9)).toBe(1)
    if (event === undefined) expect.fail('no event')
    await bench.receive('solana', { events: [], receipts: [], retracted: [event.id] })
    expect(bench.manager.queuedCounts()).toMatchObject({ solana: 1 })
    await bench.until(position, 'solana', 'delivered')
    expect(phases()).toEqual(['solana sending', 'solana delivered', 'solana queued', 'solana sending', 'solana delivered'])
    expect(bench.manager.queuedCounts()).toMatchObject({ solana: 0 })
    expect(bench.manager.deliveredCounts()).toMatchObject({ solana: 1 })
  })
})

describe('a budget', () => {
  it('of lamports holds deliveries until midnight UTC', async () => {
    const { bench, platform } = await device({ bench: { resources: { budgets: { solana: { lamportsPerDay: 12_000 } } } } })
    const positions = await bench.submitMany(Array.from({ length: 4 }, () => ['consensus' as const]))
    await platform.pass(3_600_000)
    expect(bench.manager.deliveredCounts()).toMatchObject({ solana: 2 })
    const held = (await Promise.all(positions.map((position) => bench.delivery(position, 'solana')))).find(
      (delivery) => delivery?.phase === 'queued',
    )
    expect(held).toBeDefined()
    await platform.pass(86_400_000)
    expect(bench.manager.deliveredCounts()).toMatchObject({ solana: 4 })
  })

  it('of an event is never exceeded', async () => {
    const { bench } = await device()
    const position = await bench.submit(['consensus'], { maxCost: 100 })
    expect(await bench.manager.deliveriesOf(position)).toEqual([])
    expect((await bench.manager.decisionOf(position))?.legs[0]).toMatchObject({
      reason: 'No network can serve consensus: solana costs 5000 lamports and maxCost is 100.',
    })
    expect(bench.manager.queuedCounts()).toMatchObject({ solana: 0 })
  })
})

describe('a transaction that fails', () => {
  it('leaves no delivery, no count, and nothing on the network', async () => {
    const { bench, team, platform } = await device()
    await bench.submit(['team'])
    bench.disk.failNext(new SpiceTimeError('STORAGE_FULL', 'Full.'))
    await expect(bench.submit(['team', 'storage'])).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    const position = await bench.submit(['team'])
    expect(position).toBe(2)
    await bench.until(position, 'holochain', 'delivered')
    await platform.pass(10_000)
    expect(team.contacts('me')).toBe(2)
    expect(bench.manager.queuedCounts()).toMatchObject({ holochain: 0, ipfs: 0 })
    expect(await bench.manager.decisionOf(position)).toBeDefined()
  })

  it('that was to keep a receipt leaves the delivery waiting, and it is made again', async () => {
    const { bench, platform } = await device()
    const position = await bench.submit(['team'])
    await platform.until(() => {
      if (bench.receptions === 0) bench.disk.failNext(new SpiceTimeError('STORAGE_FULL', 'Full.'))
      return bench.receptions > 0
    })
    await bench.until(position, 'holochain', 'delivered')
    expect(bench.seen.some(({ diagnostic }) => diagnostic.kind === 'background-failed' && diagnostic.code === 'STORAGE_FULL')).toBe(true)
    expect(bench.manager.queuedCounts()).toMatchObject({ holochain: 0 })
    expect(bench.manager.deliveredCounts()).toMatchObject({ holochain: 1 })
  })
})

describe('what is not durable yet', () => {
  it('does not leave the device', async () => {
    const { bench, team, platform } = await device()
    const release = bench.disk.hold()
    const submitted = bench.submit(['team'])
    team.disconnect('me')
    team.reconnect('me')
    await platform.pass(10_000)
    expect(team.contacts('me')).toBe(0)
    release()
    await bench.until(await submitted, 'holochain', 'delivered')
    expect(team.contacts('me')).toBe(1)
  })
})

describe('decisions', () => {
  it('that are alike are stored once', async () => {
    const { bench } = await device()
    for (let count = 0; count < 5; count++) await bench.submitMany([['team'], ['local'], ['team']])
    const keys: string[] = []
    for await (const page of bench.store.range({ from: '+/z/', to: '+/z0' })) keys.push(...page.map(([key]) => key))
    expect(keys).toHaveLength(2)
    await bench.crash()
    expect((await bench.manager.decisionOf(1))?.legs[0]).toMatchObject({ requirement: 'team', network: 'holochain' })
    expect(await bench.manager.decisionOf(1)).toMatchObject({ policy: 'balanced', at: expect.any(Number) })
  })
})

describe('a provider that answers for another event', () => {
  it('is not believed', async () => {
    const { bench, providers, platform } = await device()
    const [team] = providers
    if (team === undefined) expect.fail('no provider')
    const honest: NetworkProvider['submitEvent'] = team.submitEvent.bind(team)
    let lies = 0
    team.submitEvent = async (event, options) => {
      const receipt = await honest(event, options)
      return lies++ === 0 ? { ...receipt, event: 'bafyrei' as never } : receipt
    }
    const position = await bench.submit(['team'])
    await platform.until(() => lies === 1)
    expect((await bench.until(position, 'holochain', 'delivered')).attempts).toBe(2)
  })
})
