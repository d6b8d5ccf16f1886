import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { hasPrograms } from '../../../devnet/binaries.js'
import type { HolochainDevnet } from '../../../devnet/holochain/holochain-devnet.js'
import { connect } from '../../node.js'
import type { RuntimeClient } from '../../runtime-client.js'
import { startTestDevnet } from './test/conductor-harness.js'

const PATIENCE = { timeout: 150_000, interval: 250 }

describe.skipIf(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv']))('whole devices on real conductors', () => {
  let devnet: HolochainDevnet
  const folder = mkdtempSync(join(tmpdir(), 'spicetime-devices-'))
  const open: RuntimeClient[] = []

  beforeAll(async () => {
    devnet = await startTestDevnet()
  }, 300_000)
  afterAll(async () => {
    for (const device of open) await device.close()
    await devnet?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function device(name: string): Promise<RuntimeClient> {
    const { endpoint, token } = devnet
    const opened = await connect({
      directory: join(folder, name),
      networks: { holochain: { endpoint, token, confirmedBy: 1, finalBy: 1 } },
    })
    open.push(opened)
    return opened
  }

  test('what one device submits another reads, at the level that the network gave', { timeout: 400_000 }, async () => {
    const [ada, ben] = [await device('ada'), await device('ben')]
    const space = await ada.createSpace({ name: 'House' })
    await ben.joinSpace(await ada.invite(space.id))
    const id = await ada.submitEvent({ path: `${space.id}/tasks/1`, op: 'put', value: { title: 'Order the timber' } })
    await vi.waitFor(async () => {
      expect((await ben.getState(`${space.id}/tasks/1`)).value).toEqual({ title: 'Order the timber' })
    }, PATIENCE)
    await ben.reached(id, 'shared', { signal: AbortSignal.timeout(PATIENCE.timeout) })
  })
})
