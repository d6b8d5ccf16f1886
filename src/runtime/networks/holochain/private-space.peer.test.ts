import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasPrograms } from '../../../devnet/binaries.js'
import type { RuntimeClient } from '../../runtime-client.js'
import type { WantedSpace } from './endpoint.js'
import { batchesIn } from './test/look-inside.js'
import { MINUTES, nameOf, until, WholeDevices } from './test/whole-devices.js'

/** Words that are nowhere else, for the path, the field, the value and the space's name. */
const SECRETS = { collection: 'zanzibar-collection', field: 'quokka-field', value: 'The treasure lies below the old oak' } as const

describe.skipIf(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv']))('conductors of a private space', () => {
  let devices: WholeDevices
  let ada: RuntimeClient
  let ben: RuntimeClient
  let space: string
  let cell: WantedSpace | undefined

  beforeAll(async () => {
    devices = await WholeDevices.start({ onCell: (_, wanted) => (cell = wanted) })
    const team = await devices.team(['ada', 'ben'])
    space = team.space
    ;[ada = expect.fail(), ben = expect.fail()] = team.devices
  }, 6 * MINUTES)
  afterAll(async () => devices?.close())

  test('P6: nothing of it can be read in their files', { timeout: 6 * MINUTES }, async () => {
    const { collection, field, value } = SECRETS
    const id = await ada.submitEvent({ path: `${space}/${collection}/1`, op: 'put', value: { [field]: value } })
    await until(async () => expect((await ben.getState(`${space}/${collection}/1`)).heads).toEqual([id]))
    const secrets = [...Object.values(SECRETS), space]
    const readable = (bytes: Uint8Array): readonly string[] => secrets.filter((secret) => Buffer.from(bytes).includes(secret))

    // What every node of the space's network gets.
    const batches = await batchesIn(devices.devnet, await nameOf(ben), cell ?? expect.fail('no cell was asked for'))
    const events = batches.flatMap(({ batch }) => batch.events)
    expect(events.length).toBeGreaterThan(0)
    expect(events.flatMap(readable)).toEqual([])

    for (const device of [ada, ben]) await devices.devnet.offline(await nameOf(device))
    const files = filesBelow(devices.devnet.directory)
    expect(files.length).toBeGreaterThan(0)
    expect(files.flatMap((file) => readable(readFileSync(file)).map((secret) => `${file}: ${secret}`))).toEqual([])
  })
})

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  )
}
