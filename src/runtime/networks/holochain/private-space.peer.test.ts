import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hasConductors, startTeam } from './test/started-team.js'
import { MINUTES, until } from './test/whole-devices.js'

/** Words that are nowhere else, for the path, the field, the value and the space's name. */
const SECRETS = { collection: 'zanzibar-collection', field: 'quokka-field', value: 'The treasure lies below the old oak' } as const

describe.skipIf(!hasConductors)('conductors of a private space', () => {
  const team = startTeam('ada', 'ben')

  test('P6: nothing of it can be read in their files', { timeout: 6 * MINUTES }, async () => {
    const [ada, ben, space] = [team.device('ada'), team.device('ben'), team.space()]
    const { collection, field, value } = SECRETS
    const id = await ada.submitEvent({ path: `${space}/${collection}/1`, op: 'put', value: { [field]: value } })
    await until(async () => expect((await ben.getState(`${space}/${collection}/1`)).heads).toEqual([id]))
    const secrets = [...Object.values(SECRETS), space]
    const readable = (bytes: Uint8Array): readonly string[] => secrets.filter((secret) => Buffer.from(bytes).includes(secret))

    // What every node of the space's network gets.
    const events = (await team.batches('ben')).flatMap(({ batch }) => batch.events)
    expect(events.length).toBeGreaterThan(0)
    expect(events.flatMap(readable)).toEqual([])

    const { devnet } = team.all()
    for (const device of ['ada', 'ben']) await devnet.offline(await team.name(device))
    const files = filesBelow(devnet.directory)
    expect(files.length).toBeGreaterThan(0)
    expect(files.flatMap((file) => readable(readFileSync(file)).map((secret) => `${file}: ${secret}`))).toEqual([])
  })
})

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  )
}
