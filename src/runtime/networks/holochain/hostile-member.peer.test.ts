import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasPrograms } from '../../../devnet/binaries.js'
import { Device } from '../../../devnet/holochain/test/device.js'
import type { Diagnostic } from '../../diagnostics/diagnostics.js'
import type { RuntimeClient } from '../../runtime-client.js'
import { EventFactory } from '../../testing/event-factory.js'
import type { WantedSpace } from './endpoint.js'
import { batchesIn } from './test/look-inside.js'
import { bytesOf, MINUTES, nameOf, until, WholeDevices } from './test/whole-devices.js'

/** Words that are nowhere else, for the path, the field, the value and the space's name. */
const SECRETS = ['zanzibar-collection', 'quokka-field', 'The treasure lies below the old oak', 'Unspeakable House'] as const

describe.skipIf(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv']))("a stranger in a space's network", () => {
  let devices: WholeDevices
  let ada: RuntimeClient
  let ben: RuntimeClient
  let space: string
  let cell: WantedSpace | undefined
  let stranger: Device
  let events: EventFactory
  const seen: Diagnostic[] = []
  const over = new AbortController()

  beforeAll(async () => {
    devices = await WholeDevices.start({ onCell: (_, wanted) => (cell = wanted) })
    const team = await devices.team(['ada', 'ben'])
    space = team.space
    ;[ada = expect.fail(), ben = expect.fail()] = team.devices
    void (async () => {
      for await (const entries of ben.watchDiagnostics({ signal: over.signal })) seen.push(...entries.map(({ diagnostic }) => diagnostic))
    })().catch(() => undefined)
    const { seed, space: reference } = cell ?? expect.fail('no cell was asked for')
    // Who knows the seed has the real client; what it publishes is his own affair.
    stranger = await Device.start(devices.devnet.bootstrapUrl, { seed, reference })
    await stranger.awaitMembers(3)
    events = await EventFactory.create(reference)
  }, 6 * MINUTES)
  afterAll(async () => {
    over.abort()
    await stranger?.dispose()
    await devices?.close()
  })

  test(
    'P7: what he publishes never becomes state, is shown with its reason, and keeps nothing from coming',
    { timeout: 8 * MINUTES },
    async () => {
      const { space: reference } = cell ?? expect.fail('no cell was asked for')
      const own = await ada.submitEvent({ path: `${space}/tasks/1`, op: 'put', value: { title: 'Order the timber' } })
      await until(async () => expect((await ben.getState(`${space}/tasks/1`)).heads).toEqual([own]))
      const before = await bytesOf(ben, space)
      const real = (await batchesIn(devices.devnet, await nameOf(ada), cell ?? expect.fail())).find(({ batch }) => batch.events.length > 0)
      const { batch } = real ?? expect.fail('nothing was published')

      // Validation refuses these before anyone holds them.
      await expect(stranger.calls.publish(batch)).rejects.toThrow(/signature is not its author's/)
      await expect(stranger.calls.publish(await stranger.batch([{ bytes: new Uint8Array(100_000) }]))).rejects.toThrow(/./)
      await expect(stranger.calls.publish(await stranger.batch([{ bytes: Uint8Array.of(0xff, 0) }]))).rejects.toThrow(/./)
      const [first = expect.fail()] = batch.events
      const changed = Uint8Array.from(first)
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
      await expect(stranger.calls.publish(await stranger.batch([{ bytes: changed }]))).rejects.toThrow(/signature/)

      // These are well formed and well signed: others' events once more, and his own, which is no member's.
      await stranger.calls.publish(await stranger.batch(batch.events.map((bytes) => ({ bytes }))))
      const strangers = await events.events(3)
      await stranger.calls.publish(await stranger.batch(strangers))
      for (let number = 0; number < 20; number++) await stranger.calls.sendSignal(crypto.getRandomValues(new Uint8Array(200)))
      await until(async () =>
        expect(seen).toContainEqual(expect.objectContaining({ kind: 'event-refused', event: strangers[0]?.id, origin: 'holochain' })),
      )
      const last = await ada.submitEvent({ path: `${space}/tasks/2`, op: 'put', value: { title: 'Still here' } })
      await until(async () => expect((await ben.getState(`${space}/tasks/2`)).heads).toEqual([last]))
      expect(await bytesOf(ben, `${space}/tasks/1`)).toBe(await bytesOf(ada, `${space}/tasks/1`))
      expect(before).not.toBe('')
      const log = await ben.events({ limit: 1000 })
      expect(log.filter(({ id }) => strangers.some((event) => event.id === id))).toEqual([])
      expect(new Set(log.map(({ id }) => id)).size).toBe(log.length)
      expect(reference).toHaveLength(32)
    },
  )

  test("P6: nothing of a private space can be read in the conductors' files", { timeout: 6 * MINUTES }, async () => {
    const [collection, field, value, name] = SECRETS
    const id = await ada.submitEvent({ path: `${space}/${collection}/1`, op: 'put', value: { [field]: value } })
    await until(async () => expect((await ben.getState(`${space}/${collection}/1`)).heads).toEqual([id]))
    const hidden = await ada.createSpace({ name })
    await ada.reached(await ada.submitEvent({ path: `${hidden.id}/${collection}/1`, op: 'put', value: { [field]: value } }), 'sent')
    for (const device of [ada, ben]) await devices.devnet.offline(await nameOf(device))
    const files = filesBelow(devices.devnet.directory)
    const found = files.flatMap((file) => {
      const bytes = readFileSync(file)
      return [...SECRETS, space, 'tasks/1', 'Order the timber']
        .filter((secret) => bytes.includes(secret))
        .map((secret) => `${file}: ${secret}`)
    })
    expect(found).toEqual([])
    // The search finds what is there: the reference, which tells a stranger nothing, is in the DNA's properties.
    const reference = Buffer.from(cell?.space ?? expect.fail()).toString('hex')
    expect(files.some((file) => readFileSync(file).includes(reference))).toBe(true)
  })
})

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  )
}
