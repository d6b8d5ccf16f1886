import { describe, expect, it } from 'vitest'
import { Diagnostics } from './diagnostics/diagnostics.js'
import type { Diagnostic } from './diagnostics/diagnostics.js'
import type { NetworkReport } from './model/trace.js'
import type { NetworkProvider } from './networks/provider.js'
import { createLocalProvider } from './networks/local/local-provider.js'
import { Runtime } from './runtime.js'
import { MemoryBlockStore } from './storage/memory/memory-block-store.js'
import { openMemoryStore } from './storage/memory/memory-store.js'
import { ManualPlatform } from './testing/manual-platform.js'
import { SimulatedNetwork } from './testing/simulated-network.js'

const unused = (): never => expect.fail('the local log is not asked')
const platform = new ManualPlatform({ seed: 3 })
const local = (): NetworkProvider => createLocalProvider({ positionOf: unused, append: unused, since: unused, stateOf: unused })

function team(): NetworkProvider {
  return new SimulatedNetwork({ platform, network: 'holochain', requirements: ['team'] }).join('one')
}

async function open(providers: readonly NetworkProvider[]) {
  const { store, keys } = await openMemoryStore()
  const diagnostics = new Diagnostics(() => platform.now())
  const seen: Diagnostic[] = []
  diagnostics.subscribe(({ diagnostic }) => seen.push(diagnostic))
  const storageFacts = () => Promise.resolve({ mode: 'memory' as const, usage: undefined, quota: undefined })
  return {
    runtime: await Runtime.open({
      store,
      keys,
      platform,
      diagnostics,
      openBlocks: async () => new MemoryBlockStore(),
      storageFacts,
      providers,
    }),
    seen,
  }
}

async function submitForTeam(runtime: Runtime): Promise<NetworkReport | undefined> {
  const space = await runtime.createSpace({ name: 'Acme' })
  await runtime.submitEvent({ path: `${space.id}/tasks/1`, op: 'put', value: 1 })
  return (await runtime.networks()).find(({ network }) => network === 'holochain')
}

describe('a network in trouble', () => {
  it('that fails to start is reported, and the device works on', async () => {
    const broken = team()
    broken.start = () => Promise.reject(new Error('No such host.'))
    const { runtime, seen } = await open([local(), broken])
    expect(seen).toContainEqual({
      kind: 'background-failed',
      task: 'starting holochain',
      code: 'NETWORK_UNAVAILABLE',
      reason: 'No such host.',
    })
    expect(await submitForTeam(runtime)).toMatchObject({ state: 'not-connected', queued: 2 })
    await runtime.close()
  })

  it('that is still starting keeps nobody waiting, and takes what queued once it is there', async () => {
    const slow = team()
    const start = slow.start.bind(slow)
    let arrive = (): void => expect.fail('it was not started')
    slow.start = (context) => new Promise((resolve, reject) => (arrive = () => void start(context).then(resolve, reject)))
    const { runtime } = await open([local(), slow])
    expect(await submitForTeam(runtime)).toMatchObject({ state: 'not-connected', queued: 2 })
    arrive()
    await platform.until(async () => (await runtime.networks())[1]?.queued === 0)
    expect((await runtime.networks())[1]).toMatchObject({ state: 'connected', delivered: 2 })
    await runtime.close()
  })

  it('that fails to stop does not keep the runtime from closing', async () => {
    const stuck = team()
    stuck.stop = () => Promise.reject(new Error('It hangs.'))
    const { runtime, seen } = await open([local(), stuck])
    await runtime.close()
    expect(seen).toContainEqual({ kind: 'background-failed', task: 'stopping holochain', code: 'NETWORK_UNAVAILABLE', reason: 'It hangs.' })
  })
})

describe('reports', () => {
  it('come at once, then with each change', async () => {
    const network = new SimulatedNetwork({ platform, network: 'holochain', requirements: ['team'] })
    const { runtime } = await open([local(), network.join('one')])
    const states: (string | undefined)[] = []
    const stop = runtime.subscribeNetworks((reports) => states.push(reports[1]?.state))
    expect(states).toEqual(['connected'])
    network.disconnect('one', 'The cable is out.')
    expect(states.at(-1)).toBe('away')
    stop()
    network.reconnect('one')
    expect(states.at(-1)).toBe('away')
    await runtime.close()
  })
})
