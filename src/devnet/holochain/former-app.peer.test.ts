import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { AdminWebsocket } from '@holochain/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NETWORK_VERSION } from '../../runtime/networks/holochain/zome-calls.js'
import { hasPrograms } from '../binaries.js'
import { startBootstrap } from './bootstrap.js'
import type { Bootstrap } from './bootstrap.js'
import { DEVNET_ORIGIN, startConductor } from './conductor.js'
import type { Conductor } from './conductor.js'

const APP = resolve('holochain/spicetime.happ')
const FORMER = 'spicetime'
const directory = mkdtempSync(join(tmpdir(), 'spicetime-former-app-'))
const MINUTES = 60_000
const canRun = hasPrograms(['holochain', 'kitsune2-bootstrap-srv'])
let bootstrap: Bootstrap | undefined

beforeAll(async () => {
  if (canRun) bootstrap = await startBootstrap()
})
afterAll(async () => {
  await bootstrap?.stop()
  rmSync(directory, { recursive: true, force: true })
})

async function asAdmin<T>(conductor: Conductor, act: (admin: AdminWebsocket) => Promise<T>): Promise<T> {
  const admin = await AdminWebsocket.connect({ url: new URL(conductor.adminUrl), wsClientOptions: { origin: DEVNET_ORIGIN } })
  try {
    return await act(admin)
  } finally {
    await admin.client.close()
  }
}

test.skipIf(!canRun)('an app with former rules sleeps once this one is there', { timeout: 3 * MINUTES }, async () => {
  const settings = { directory, bootstrapUrl: bootstrap?.url ?? '' }
  const before = await startConductor(settings, APP)
  await asAdmin(before, async (admin) => {
    await admin.installApp({ source: { type: 'path', value: APP }, installed_app_id: FORMER, network_seed: 'former' })
    await admin.enableApp({ installed_app_id: FORMER })
  })
  await before.stop()
  const after = await startConductor(settings, APP)
  try {
    const apps = await asAdmin(after, (admin) => admin.listApps({}))
    const states = Object.fromEntries(apps.map(({ installed_app_id: id, status }) => [id, status.type]))
    expect(states).toEqual({ [FORMER]: 'disabled', [`spicetime-${NETWORK_VERSION}`]: 'enabled' })
    expect(after.agent).toEqual(before.agent)
  } finally {
    await after.stop()
  }
})
