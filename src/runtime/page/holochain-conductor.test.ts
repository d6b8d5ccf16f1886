import { afterEach, expect, test, vi } from 'vitest'
import type { PageAnswerer } from '../runtime-client.js'
import { hasHolochainLauncher, offerHolochainConductor } from './holochain-conductor.js'
import type { HolochainClient } from './holochain-conductor.js'

const TOKEN = [1, 2, 3]
const DNA = new Uint8Array(39).fill(1)
const AGENT = new Uint8Array(39).fill(2)

class Offers {
  answerer: PageAnswerer | undefined
  offer = async (_service: string, answerer: PageAnswerer): Promise<() => void> => {
    this.answerer = answerer
    return () => (this.answerer = undefined)
  }
  ask = (request: unknown, signal = new AbortController().signal): Promise<unknown> => {
    if (this.answerer === undefined) throw new Error('nothing is offered')
    return this.answerer(request, { signal })
  }
}

function clientWith(cells: readonly unknown[]) {
  let hear: (signal: object) => void = () => undefined
  const made: object[] = []
  const client: HolochainClient = {
    appInfo: async () => ({ cell_info: { space: cells } }),
    callZome: async (call) => ({ called: call }),
    createCloneCell: async (clone) => (made.push(clone), { cell_id: [DNA, AGENT] }),
    on: (_event, listener) => ((hear = listener), () => (hear = () => undefined)),
  }
  return { client, made, hear: (signal: object): void => hear(signal) }
}

afterEach(() => vi.unstubAllGlobals())

test('without a launcher nothing is offered, and the page says so', async () => {
  const runtime = new Offers()
  await expect(offerHolochainConductor(runtime)).rejects.toMatchObject({ code: 'CONDUCTOR_MISSING' })
  expect([runtime.answerer, hasHolochainLauncher()]).toEqual([undefined, false])
  // A conductor whose calls nobody here may sign is none.
  vi.stubGlobal('__HC_LAUNCHER_ENV__', { APP_INTERFACE_PORT: 8888, APP_INTERFACE_TOKEN: TOKEN })
  await expect(offerHolochainConductor(runtime)).rejects.toMatchObject({ code: 'CONDUCTOR_MISSING' })
})

test("a launcher's port and token are handed over, and its signer is asked, until it is withdrawn", async () => {
  const signer = { signZomeCall: async () => ({ bytes: Uint8Array.of(1), signature: Uint8Array.of(2), cell_id: [DNA, AGENT] }) }
  vi.stubGlobal('__HC_LAUNCHER_ENV__', { APP_INTERFACE_PORT: 8888, APP_INTERFACE_TOKEN: TOKEN })
  vi.stubGlobal('__HC_ZOME_CALL_SIGNER__', signer)
  const runtime = new Offers()
  const offer = await offerHolochainConductor(runtime)
  expect([offer.by, hasHolochainLauncher()]).toEqual(['launcher', true])
  expect(await runtime.ask({ kind: 'open' })).toEqual({ by: 'launcher', url: 'ws://localhost:8888', token: Uint8Array.from(TOKEN) })
  expect(await runtime.ask({ kind: 'sign', call: {} })).toEqual({ bytes: Uint8Array.of(1), signature: Uint8Array.of(2) })
  await expect(runtime.ask({ kind: 'other' })).rejects.toMatchObject({ code: 'PROTOCOL_MISMATCH' })
  offer.withdraw()
  expect(runtime.answerer).toBeUndefined()
})

test('a client opens the clone of the seed, makes it once, calls, and hands on signals', async () => {
  const runtime = new Offers()
  const known = { type: 'cloned', value: { clone_id: 'space.0', cell_id: [DNA, AGENT], dna_modifiers: { network_seed: 'ours' } } }
  const { client, made, hear } = clientWith([known])
  const offer = await offerHolochainConductor(runtime, { client })
  expect([offer.by, await runtime.ask({ kind: 'open' })]).toEqual(['client', { by: 'client' }])
  const wanted = { kind: 'cell', role: 'space', properties: { space: 'ab' } }
  expect(await runtime.ask({ ...wanted, seed: 'ours' })).toEqual({ dna: DNA, agent: AGENT })
  expect(made).toEqual([])
  expect(await runtime.ask({ ...wanted, seed: 'new' })).toEqual({ dna: DNA, agent: AGENT })
  expect(made).toEqual([{ role_name: 'space', modifiers: { network_seed: 'new', properties: { space: 'ab' } } }])
  await expect(runtime.ask({ ...wanted, role: 'other', seed: 'ours' })).rejects.toMatchObject({ code: 'NETWORK_VERSION_UNSUPPORTED' })
  expect(await runtime.ask({ kind: 'call', call: { fn_name: 'version' } })).toEqual({ answer: { called: { fn_name: 'version' } } })

  const heard = runtime.ask({ kind: 'signals' })
  hear({ type: 'system', value: {} })
  hear({ type: 'app', value: { cell_id: [DNA, AGENT], payload: 'hello' } })
  expect(await heard).toEqual({ signals: [{ dna: DNA, payload: 'hello' }] })
  // More than anyone asks for: the oldest are let go.
  for (let number = 0; number < 1_000; number++) hear({ type: 'app', value: { cell_id: [DNA, AGENT], payload: number } })
  const { signals } = (await runtime.ask({ kind: 'signals' })) as { readonly signals: readonly { readonly payload: number }[] }
  expect([signals.length, signals.at(-1)?.payload]).toEqual([256, 999])
  const over = new AbortController()
  const nothing = runtime.ask({ kind: 'signals' }, over.signal)
  over.abort()
  expect(await nothing).toEqual({ signals: [] })
  offer.withdraw()
  expect(runtime.answerer).toBeUndefined()
})
