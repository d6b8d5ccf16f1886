import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startBootstrap } from '../../../devnet/holochain/bootstrap.js'
import type { Bootstrap } from '../../../devnet/holochain/bootstrap.js'
import { DeviceConductor } from '../../../devnet/holochain/device-conductor.js'
import type { Address } from '../../../devnet/holochain/device-conductor.js'
import { serveEndpoint } from '../../../devnet/holochain/endpoint-server.js'
import type { EndpointServer } from '../../../devnet/holochain/endpoint-server.js'
import { connect } from '../../node.js'
import type { RuntimeClient } from '../../runtime-client.js'
import { hasConductors } from './test/started-team.js'
import { holochainOf, MINUTES } from './test/whole-devices.js'

const OTHER_APP = resolve('holochain/hostile.happ')
/** Nothing here waits for another node: a conductor is started and tried again, at most half a minute later. */
const PATIENCE = { timeout: 75_000, interval: 100 }
/** Where nobody listens. */
const CLOSED = '127.0.0.1:9'

function until<T>(check: () => Promise<T>): Promise<T> {
  return vi.waitFor(check, PATIENCE)
}

describe.skipIf(!hasConductors)('conductors that do not take what a runtime has for them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spicetime-refusals-'))
  let bootstrap: Bootstrap
  let conductors: Readonly<Record<'right' | 'other' | 'alone', DeviceConductor>>
  let answering: keyof typeof conductors = 'right'
  let change: (address: Address) => Address = (address) => address
  let endpoint: EndpointServer
  let runtime: RuntimeClient
  let space: string
  let number = 0

  beforeAll(async () => {
    bootstrap = await startBootstrap()
    conductors = {
      right: new DeviceConductor({ directory: join(folder, 'right'), bootstrapUrl: bootstrap.url }),
      other: new DeviceConductor({ directory: join(folder, 'other'), bootstrapUrl: bootstrap.url, app: OTHER_APP }),
      alone: new DeviceConductor({ directory: join(folder, 'alone'), bootstrapUrl: `http://${CLOSED}` }),
    }
    endpoint = await serveEndpoint({
      open: async () => change(await conductors[answering].address()),
      cell: (_, wanted) => conductors[answering].cell(wanted),
    })
    const holochain = { endpoint: endpoint.url, token: endpoint.token }
    runtime = await connect({ directory: join(folder, 'device'), networks: { holochain } })
    ;({ id: space } = await runtime.createSpace({ name: 'House' }))
    await until(async () => expect(await holochainOf(runtime)).toMatchObject({ state: 'connected', queued: 0 }))
  }, 4 * MINUTES)
  afterAll(async () => {
    await runtime?.close()
    await endpoint?.close()
    await Promise.all(Object.values(conductors ?? {}).map((conductor) => conductor.stop()))
    await bootstrap?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const submit = (): Promise<string> => runtime.submitEvent({ path: `${space}/tasks/${++number}`, op: 'put', value: { title: 'Ship it' } })

  test.each<readonly [string, RegExp, () => void]>([
    [
      'of another version',
      /has version 0\.6\.0; this runtime speaks with 0\.7.*cargo install holochain@0\.7/,
      () => (change = (address) => ({ ...address, conductor: '0.6.0' })),
    ],
    [
      'whose token has expired',
      /invalid app authentication token/,
      () => (change = (address) => ({ ...address, token: new Uint8Array(64) })),
    ],
    ['whose port is closed', /could not connect/, () => (change = (address) => ({ ...address, url: `ws://${CLOSED}` }))],
    ['with another app', /another app.*spicetime\.happ/, () => (answering = 'other')],
  ])('one %s: says so, keeps the queue, and goes on when it is mended', { timeout: 4 * MINUTES }, async (_, reason, spoil) => {
    spoil()
    await conductors.right.kill()
    const id = await submit()
    await until(async () => expect((await holochainOf(runtime)).reason).toMatch(reason))
    expect(await holochainOf(runtime)).toMatchObject({ state: 'away', queued: 1 })
    expect((await runtime.getState(`${space}/tasks/${number}`)).level).toBe('local')
    change = (address) => address
    answering = 'right'
    await runtime.reached(id, 'sent', { signal: AbortSignal.timeout(PATIENCE.timeout) })
    await until(async () => expect(await holochainOf(runtime)).toMatchObject({ state: 'connected', queued: 0 }))
  })

  test('one without a network takes events, and the status says that nobody else can hold them', { timeout: 4 * MINUTES }, async () => {
    answering = 'alone'
    await conductors.right.kill()
    await until(async () =>
      expect(await holochainOf(runtime)).toMatchObject({ state: 'connected', reason: expect.stringMatching(/no other node/) }),
    )
    const id = await submit()
    await runtime.reached(id, 'sent', { signal: AbortSignal.timeout(PATIENCE.timeout) })
    expect((await holochainOf(runtime)).facts['nodes connected']).toBe(0)
  })
})
