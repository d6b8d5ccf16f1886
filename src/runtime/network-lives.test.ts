import { describe, expect, it } from 'vitest'
import type { Network } from './model/network.js'
import { createNotConnectedProvider } from './networks/not-connected-provider.js'
import type { NetworkProvider, ProviderContext } from './networks/provider.js'
import { EXPECTED_CAPABILITIES } from './networks/served-requirements.js'
import { MemoryDisk } from './storage/memory/memory-disk.js'
import { ManualPlatform } from './testing/manual-platform.js'
import { Replica } from './testing/replicas.js'

/** A provider that writes down how it is started and stopped. */
function recorded(network: Exclude<Network, 'local'>, life: string[], stop?: () => Promise<void>): NetworkProvider {
  const provider = createNotConnectedProvider({
    network,
    capabilities: EXPECTED_CAPABILITIES[network],
    quote: { cost: 0, latency: 0, success: 1 },
    missing: 'Nothing.',
  })
  const start = provider.start.bind(provider)
  provider.start = (context: ProviderContext) => {
    life.push(`start ${network} ${JSON.stringify(context.settings)}`)
    return start(context)
  }
  provider.stop = () => {
    life.push(`stop ${network}`)
    return stop?.() ?? Promise.resolve()
  }
  return provider
}

async function device() {
  const life: string[] = []
  const disk = new MemoryDisk()
  const replica = await Replica.open(new ManualPlatform({ seed: 2 }), disk, [recorded('solana', life), recorded('holochain', life)])
  const news = (): string[] => life.splice(0).sort()
  await started(life, 2)
  return { replica, life, news }
}

/** Networks start in the background. */
async function started(life: readonly string[], count: number): Promise<void> {
  while (life.length < count) await new Promise((resolve) => setImmediate(resolve))
}

describe('what an app says of its networks', () => {
  it('reaches the provider, is kept, and restarts no other', async () => {
    const { replica, life, news } = await device()
    expect(news()).toEqual(['start holochain undefined', 'start solana undefined'])
    await replica.runtime.configureNetworks({ solana: { cluster: 'devnet', payer: undefined as never } })
    await started(life, 2)
    expect(news()).toEqual(['start solana {"cluster":"devnet"}', 'stop solana'])
    await replica.runtime.configureNetworks({ solana: { cluster: 'devnet' } })
    expect(news()).toEqual([])
    await replica.restart()
    await started(life, 4)
    expect(news()).toEqual(['start holochain undefined', 'start solana {"cluster":"devnet"}', 'stop holochain', 'stop solana'])
    await replica.runtime.configureNetworks({})
    await started(life, 2)
    expect(news()).toEqual(['start solana undefined', 'stop solana'])
  })

  it.each([
    ['is no map', 7],
    ['is a list', []],
    ['names a network that is not there', { carrier: {} }],
    ['sets up this device', { local: {} }],
    ['is no map for a network', { solana: 'devnet' }],
    ['is no plain data', { solana: { cluster: () => 'devnet' } }],
    ['is not what the network takes', { solana: { cluster: 'moonnet' } }],
  ])('is refused when it %s, and changes nothing', async (_, settings) => {
    const { replica, news } = await device()
    news()
    await expect(replica.runtime.configureNetworks(settings as never)).rejects.toMatchObject({ code: 'SETTINGS_MALFORMED' })
    expect(news()).toEqual([])
  })

  it('that could not be kept changes nothing', async () => {
    const { replica, life, news } = await device()
    news()
    replica.disk.failNext(new Error('disk full'))
    await expect(replica.runtime.configureNetworks({ solana: { cluster: 'devnet' } })).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    expect(news()).toEqual([])
    await replica.runtime.configureNetworks({ solana: { cluster: 'devnet' } })
    await started(life, 2)
    expect(news()).toEqual(['start solana {"cluster":"devnet"}', 'stop solana'])
  })
})

describe('a provider that never stops', () => {
  const hang = (): Promise<void> => new Promise(() => undefined)

  it('does not keep the runtime from closing', async () => {
    const platform = new ManualPlatform({ seed: 2 })
    const replica = await Replica.open(platform, undefined, [recorded('solana', [], hang)])
    let closed = false
    void replica.runtime.close().then(() => (closed = true))
    await platform.until(() => closed)
    expect(replica.seen.map(({ diagnostic }) => diagnostic)).toContainEqual(
      expect.objectContaining({ kind: 'background-failed', task: 'stopping solana', code: 'NETWORK_UNAVAILABLE' }),
    )
  })

  it('is started anew with other settings all the same', async () => {
    const platform = new ManualPlatform({ seed: 2 })
    const life: string[] = []
    const replica = await Replica.open(platform, undefined, [recorded('solana', life, hang)])
    void replica.runtime.configureNetworks({ solana: { cluster: 'testnet' } })
    await platform.until(() => life.length === 3)
    expect(life).toEqual(['start solana undefined', 'stop solana', 'start solana {"cluster":"testnet"}'])
  })
})
