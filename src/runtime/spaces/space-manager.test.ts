import { beforeEach, describe, expect, test } from 'vitest'
import { decodeFields, encode } from '../codec/dag-cbor.js'
import { ManualPlatform } from '../testing/manual-platform.js'
import { exchangeAll, Replica } from '../testing/replicas.js'

let platform: ManualPlatform
let ada: Replica
let ben: Replica

beforeEach(async () => {
  platform = new ManualPlatform({ seed: 5 })
  ada = await Replica.open(platform)
  ben = await Replica.open(platform)
})

function changed(invite: string, change: (fields: Record<string, unknown>) => void): string {
  const bytes = Buffer.from(invite.slice('#spicetime='.length), 'base64url')
  const fields: Record<string, unknown> = { ...decodeFields(bytes) }
  change(fields)
  return `#spicetime=${Buffer.from(encode(fields as never)).toString('base64url')}`
}

describe('a space', () => {
  test('has an id of its own, and a reference that says nothing', async () => {
    const one = await ada.runtime.createSpace({ name: 'Größe & Co' })
    const two = await ada.runtime.createSpace({ name: 'Größe & Co' })
    expect(one.id).toMatch(/^gro-?.*-[a-z2-7]{10}$/)
    expect(two.id).not.toBe(one.id)
    expect(one.reference).toMatch(/^[a-z2-7]{52}$/)
  })

  test('survives a restart with its keys', async () => {
    const space = await ada.runtime.createSpace({ name: 'Acme', as: 'Ada' })
    await ada.runtime.submitEvent({ path: `${space.id}/tasks/1`, op: 'put', value: 1 })
    await ada.restart()
    await ada.runtime.submitEvent({ path: `${space.id}/tasks/1`, op: 'add', value: 1 })
    expect(await ada.value(`${space.id}/tasks/1`)).toBe(2)
    expect(await ada.runtime.spaces()).toEqual([space])
  })

  test('is refused under an id that is taken, malformed or private', async () => {
    await ada.runtime.createSpace({ name: 'a', id: 'acme' })
    await expect(ada.runtime.createSpace({ name: 'b', id: 'acme' })).rejects.toMatchObject({ code: 'SPACE_TAKEN' })
    await expect(ada.runtime.createSpace({ name: 'b', id: 'me' })).rejects.toMatchObject({ code: 'SPACE_TAKEN' })
    await expect(ada.runtime.createSpace({ name: 'b', id: 'a/b' })).rejects.toMatchObject({ code: 'PATH_MALFORMED' })
    await expect(ada.runtime.createSpace({ name: ' ' })).rejects.toMatchObject({ code: 'INPUT_MALFORMED' })
  })

  test('whose transaction fails is not there', async () => {
    ada.disk.failNext(new Error('disk full'))
    await expect(ada.runtime.createSpace({ name: 'a', id: 'acme' })).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    expect(await ada.runtime.spaces()).toEqual([])
    await ada.runtime.createSpace({ name: 'a', id: 'acme' })
  })
})

describe('a collection that is declared to be ordered by consensus', () => {
  const needsOf = async (path: string): Promise<readonly string[]> => (await ada.runtime.events({ under: path }))[0]?.needs ?? []

  test('needs consensus without being told', async () => {
    const { id } = await ada.runtime.createSpace({ name: 'Acme', policies: { claims: 'consensus' } })
    await ada.runtime.submitEvent({ path: `${id}/claims/1`, op: 'put', value: 'ada', expect: [] })
    await ada.runtime.submitEvent({ path: `${id}/tasks/1`, op: 'put', value: 'one' })
    expect(await needsOf(`${id}/claims`)).toEqual(['consensus'])
    expect(await needsOf(`${id}/tasks`)).toEqual(['team'])
  })

  test('has its members on the chain too, so that no event waits there for a team network', async () => {
    const { id } = await ada.runtime.createSpace({ name: 'Acme', policies: { claims: 'consensus' } })
    const other = await ada.runtime.createSpace({ name: 'Other', policies: { claims: 'team' } })
    expect(await needsOf(`${id}/~members`)).toEqual(['team', 'consensus'])
    expect(await needsOf(`${other.id}/~members`)).toEqual(['team'])
  })
})

describe('an invite', () => {
  test('lets another device read and write, and it another', async () => {
    const space = await ada.runtime.createSpace({ name: 'Acme', as: 'Ada' })
    await ada.runtime.submitEvent({ path: `${space.id}/tasks/1`, op: 'put', value: { title: 'one' } })
    await ben.runtime.joinSpace(`https://example.org/app?x=1${await ada.runtime.invite(space.id)}`, { as: 'Ben' })
    const carl = await Replica.open(platform)
    await carl.runtime.joinSpace(await ben.runtime.invite(space.id), { as: 'Carl' })
    await carl.runtime.submitEvent({ path: `${space.id}/tasks/2`, op: 'put', value: { title: 'two' } })
    await exchangeAll([ada, ben, carl], space.id)
    for (const replica of [ada, ben, carl]) {
      expect(await replica.value(`${space.id}/tasks/1`)).toEqual({ title: 'one' })
      expect(await replica.value(`${space.id}/tasks/2`)).toEqual({ title: 'two' })
      expect((await replica.runtime.members(space.id)).map((member) => member.name).sort()).toEqual(['Ada', 'Ben', 'Carl'])
    }
  })

  test('taken twice joins once', async () => {
    const space = await ada.runtime.createSpace({ name: 'Acme' })
    const invite = await ada.runtime.invite(space.id)
    await ben.runtime.joinSpace(invite)
    expect((await ben.runtime.joinSpace(invite)).id).toBe(space.id)
    expect(await ben.log(space.id)).toHaveLength(1)
  })

  test('that was cut, changed or is none is refused', async () => {
    const space = await ada.runtime.createSpace({ name: 'Acme', policies: { claims: 'consensus' } })
    const invite = await ada.runtime.invite(space.id)
    const founder = (await ben.runtime.createSpace({ name: 'x' })).me
    for (const bad of [
      '',
      'https://example.org/',
      invite.slice(0, invite.length / 2),
      changed(invite, (fields) => (fields['founder'] = founder)),
      changed(invite, (fields) => (fields['policies'] = { claims: 'team' })),
      changed(invite, (fields) => (fields['v'] = 2)),
      changed(invite, (fields) => (fields['secret'] = new Uint8Array(48))),
      changed(invite, (fields) => (fields['keys'] = [])),
      changed(invite, (fields) => (fields['grant'] = new Uint8Array(64))),
    ]) {
      await expect(ben.runtime.joinSpace(bad)).rejects.toMatchObject({
        code: expect.stringMatching(/^(INVITE_MALFORMED|INPUT_MALFORMED)$/),
      })
    }
    expect(await ben.runtime.spaces()).toHaveLength(1)
  })

  test('to a space whose id another space has here is refused', async () => {
    await ada.runtime.createSpace({ name: 'a', id: 'acme' })
    await ben.runtime.createSpace({ name: 'b', id: 'acme' })
    await expect(ben.runtime.joinSpace(await ada.runtime.invite('acme'))).rejects.toMatchObject({ code: 'SPACE_TAKEN' })
  })

  test('can not be made for what stays on this device', async () => {
    await expect(ada.runtime.invite('me')).rejects.toMatchObject({ code: 'SPACE_UNKNOWN' })
  })
})

test('P6: what leaves in a private event shows neither path, nor value, nor the space’s name', async () => {
  const space = await ada.runtime.createSpace({ name: 'Acme-Secret', id: 'acme-secret' })
  await ada.runtime.submitEvent({ path: `${space.id}/invoices/unpaid`, op: 'put', value: { customer: 'Miller' } })
  for (const event of await ada.log(space.id)) {
    const text = Buffer.from(event.bytes).toString('latin1')
    for (const word of ['acme-secret', 'Acme-Secret', 'invoices', 'unpaid', 'customer', 'Miller', '~members'])
      expect(text).not.toContain(word)
  }
})

test('policies that the founder declared hold on every device', async () => {
  const space = await ada.runtime.createSpace({ name: 'Acme', policies: { claims: 'consensus' } })
  await ben.runtime.joinSpace(await ada.runtime.invite(space.id))
  await expect(ben.runtime.submitEvent({ path: `${space.id}/claims/1`, op: 'put', value: 1, requires: 'team' })).rejects.toMatchObject({
    code: 'POLICY_MISMATCH',
  })
  await ben.runtime.submitEvent({ path: `${space.id}/claims/1`, op: 'put', value: 1, requires: 'consensus' })
  await expect(
    ben.runtime.submitEvent({ path: `${space.id}/claims/1`, op: 'put', value: 2, requires: 'consensus', expect: [] }),
  ).rejects.toMatchObject({ code: 'CONFLICT' })
})
