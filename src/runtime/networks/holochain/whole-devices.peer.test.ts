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

  test('a thousand keystrokes go out as a handful of events, and the text is the same', { timeout: 400_000 }, async () => {
    const [carl, dora] = [await device('carl'), await device('dora')]
    const space = await carl.createSpace({ name: 'Notes' })
    await dora.joinSpace(await carl.invite(space.id))
    const path = `${space.id}/notes/1`
    await carl.submitEvent({ path, op: 'put', value: { text: '' } })
    const keys = Array.from({ length: 1_000 }, (_, at) => String.fromCharCode(97 + (at % 26)))
    const ids: string[] = []
    for (const [at, key] of keys.entries())
      ids.push(
        await carl.submitEvent({
          path: `${path}/text`,
          op: 'text',
          delta: at === 0 ? [{ insert: key }] : [{ retain: at }, { insert: key }],
        }),
      )
    const text = keys.join('')
    await vi.waitFor(async () => {
      expect((await dora.getState(`${path}/text`)).value).toBe(text)
    }, PATIENCE)
    expect((await carl.getState(`${path}/text`)).value).toBe(text)
    const [sent, got] = [await carl.events({ under: path, limit: 1_000 }), await dora.events({ under: path, limit: 1_000 })]
    process.stdout.write(`1,000 keystrokes: ${got.length} events, ${got.reduce((sum, { bytes }) => sum + bytes, 0)} bytes\n`)
    expect(got.length).toBeLessThan(50)
    expect(got.map(({ id }) => id).toSorted()).toEqual(sent.map(({ id }) => id).toSorted())
    await carl.reached(ids[500] ?? '', 'shared', { signal: AbortSignal.timeout(PATIENCE.timeout) })
  })
})
