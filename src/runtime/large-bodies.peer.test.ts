import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasPrograms } from '../devnet/binaries.js'
import { startKubo } from '../devnet/ipfs/kubo.js'
import type { Kubo } from '../devnet/ipfs/kubo.js'
import type { NetworkSettings } from './model/network-settings.js'
import { bytesOf, holochainOf, MINUTES, PATIENCE, until, WholeDevices } from './networks/holochain/test/whole-devices.js'
import type { RuntimeClient } from './runtime-client.js'

/** What no other text of this test says. */
const SECRET = 'the combination is 4711; '

function settingsOf({ peer, gateway, rpc }: Kubo): NetworkSettings {
  const peers = globalThis.WebSocket === undefined ? {} : { peers: [peer] }
  return { ipfs: { gateways: [gateway], pins: [{ kind: 'kubo', url: rpc }], ...peers } }
}

/** Whole devices, each with a real conductor, and a real Kubo that all of them pin at. */
describe.skipIf(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv', 'ipfs']))('bodies that do not fit into their events', () => {
  const root = mkdtempSync(join(tmpdir(), 'spicetime-bodies-'))
  let kubo: Kubo
  let devices: WholeDevices | undefined
  let ada: RuntimeClient
  let ben: RuntimeClient
  let space: string

  beforeAll(async () => {
    kubo = await startKubo({ directory: join(root, 'kubo') })
    devices = await WholeDevices.start({}, settingsOf(kubo))
    const team = await devices.team(['ada', 'ben'])
    space = team.space
    ;[ada, ben] = [devices.device('ada'), devices.device('ben')]
  }, 7 * MINUTES)
  afterAll(async () => {
    await devices?.close()
    await kubo?.kill()
    rmSync(root, { recursive: true, force: true })
  })

  test('a put of 200 KiB gets to the other device by its conductor and the Kubo', { timeout: 7 * MINUTES }, async () => {
    const path = `${space}/tasks/1`
    const text = SECRET.repeat(8_192)
    const began = performance.now()
    const id = await ada.submitEvent({ path, op: 'put', value: { title: 'Survey', text } })
    const accepted = performance.now() - began
    await until(async () => expect((await ben.getState(`${path}/text`)).value).toBe(text))
    process.stdout.write(
      `put of 200 KiB: accepted in ${Math.round(accepted)} ms, on the other device after ${Math.round(performance.now() - began)} ms\n`,
    )
    await ada.reached(id, 'shared', { signal: AbortSignal.timeout(PATIENCE.timeout) })
    expect((await ben.trace(id)).bytes).toBeLessThan(1_000)
    expect(await bytesOf(ben, path)).toBe(await bytesOf(ada, path))
    await ben.undo({ under: path, author: (await ada.storage()).author })
    await until(async () => expect((await ada.getState(`${path}/text`)).value).toBeUndefined())
  })

  test('a public one of 200 KiB does too: the network looks into no body', { timeout: 7 * MINUTES }, async () => {
    const path = `${space}/tasks/public`
    const text = 'for all to read '.repeat(12_800)
    await ada.submitEvent({ path, op: 'put', value: { text }, public: true })
    await until(async () => expect((await ben.getState(`${path}/text`)).value).toBe(text))
    expect((await holochainOf(ada)).facts['batches refused']).toBe(0)
  })

  test('a rich text of 300 KiB that is pasted into one editor shows in the other', { timeout: 7 * MINUTES }, async () => {
    const path = `${space}/notes/1`
    await ada.submitEvent({ path, op: 'put', value: { text: '' } })
    await until(async () => expect((await ben.getState(`${path}/text`)).value).toBe(''))
    const [here, there] = [await ada.doc(`${path}/text`), await ben.doc(`${path}/text`)]
    const words = Array.from({ length: 30_000 }, (_, at) => ({
      insert: `word ${at} `,
      ...(at % 5 === 0 ? { attributes: { bold: true } } : {}),
    }))
    const began = performance.now()
    here.text.applyDelta(words)
    await here.saved()
    await until(async () => {
      await Promise.resolve()
      expect(there.text.length).toBe(here.text.length)
    })
    process.stdout.write(
      `rich text of ${here.text.length} letters: in the other editor after ${Math.round(performance.now() - began)} ms\n`,
    )
    expect(there.text.toDelta()).toEqual(here.text.toDelta())
    there.text.insert(0, 'read: ')
    await until(async () => {
      await Promise.resolve()
      expect(here.text.toString().startsWith('read: ')).toBe(true)
    })
    await Promise.all([here.close(), there.close()])
    expect(await bytesOf(ben, path)).toBe(await bytesOf(ada, path))
  })

  test(
    'an event that asks for storage alone is pinned with its body, and found by the other device',
    { timeout: 7 * MINUTES },
    async () => {
      const path = `${space}/surveys/1`
      const text = SECRET.repeat(8_192)
      const id = await ada.submitEvent({ path, op: 'put', value: { text }, requires: 'storage' })
      await ada.reached(id, 'final', { signal: AbortSignal.timeout(PATIENCE.timeout) })
      await ben.submitEvent({ path: `${space}/surveys/2`, op: 'put', value: 1, requires: 'storage' })
      await until(async () => expect((await ben.getState(`${path}/text`)).value).toBe(text))
    },
  )

  test('P6: the bodies stay on the device that read them, and the Kubo reads none of them', { timeout: 7 * MINUTES }, async () => {
    const path = `${space}/tasks/2`
    const text = SECRET.repeat(8_192)
    const id = await ada.submitEvent({ path, op: 'put', value: { text } })
    await ada.submitEvent({ path, op: 'put', value: { text: 'short' } })
    await until(async () => expect((await ben.getState(`${path}/text`)).value).toBe('short'))
    // A Kubo writes some of its stores when it ends.
    await kubo.stop()
    expect((await ben.getState(`${path}/text`, { at: id })).value).toBe(text)
    const files = readdirSync(join(root, 'kubo'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const stored = Buffer.concat(files.map((entry) => readFileSync(join(entry.parentPath, entry.name))))
    expect(stored.length).toBeGreaterThan(300_000)
    expect(stored.includes(SECRET.slice(0, 12))).toBe(false)
  })
})
