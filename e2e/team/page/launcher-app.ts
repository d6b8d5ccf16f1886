import { connect, hasHolochainLauncher, offerHolochainConductor } from 'spicetime'
import type { HolochainConductorOffer, NetworkReport, RuntimeClient } from 'spicetime'
import { TestLauncher } from './test-launcher.js'
import type { Place } from './test-launcher.js'

let runtime: RuntimeClient | undefined
let launcher: TestLauncher | undefined
let offered: HolochainConductorOffer | undefined

function connected(): RuntimeClient {
  if (runtime === undefined) throw new Error('Call start() first.')
  return runtime
}

/** An application whose page has the conductor, by the public API alone. */
const app = {
  async start(place: Place): Promise<void> {
    launcher = new TestLauncher(place)
    runtime = await connect({ networks: { holochain: { endpoint: 'page', confirmedBy: 1, finalBy: 1 } } })
  },

  /** What the page says of itself before its launcher has left anything. */
  async refusal(): Promise<unknown> {
    return await offerHolochainConductor(connected()).then(String, (error: { readonly code: string }) => [
      hasHolochainLauncher(),
      error.code,
    ])
  },

  async offer(by: 'client' | 'launcher'): Promise<string> {
    if (launcher === undefined) throw new Error('Call start() first.')
    if (by === 'launcher') await launcher.show()
    offered = await offerHolochainConductor(connected(), by === 'client' ? { client: await launcher.client() } : {})
    return `${offered.by} ${hasHolochainLauncher()}`
  },

  withdraw: (): void => offered?.withdraw(),
  signed: (): number => launcher?.signed ?? 0,

  async create(): Promise<readonly [space: string, invite: string]> {
    const { id } = await connected().createSpace({ name: 'House' })
    return [id, await connected().invite(id)]
  },

  join: async (invite: string): Promise<string> => (await connected().joinSpace(invite)).id,
  put: (path: string, value: string): Promise<string> => connected().submitEvent({ path, op: 'put', value }),
  get: async (path: string): Promise<unknown> => (await connected().getState(path)).value,
  reached: (id: string): Promise<void> => connected().reached(id, 'shared', { signal: AbortSignal.timeout(90_000) }),

  async holochain(): Promise<NetworkReport | undefined> {
    return (await connected().networks()).find(({ network }) => network === 'holochain')
  },
}

export type LauncherApp = typeof app

declare global {
  var launcherApp: LauncherApp
}

globalThis.launcherApp = app
