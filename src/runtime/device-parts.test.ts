import { expect, it } from 'vitest'
import { createNotConnectedProvider } from './networks/not-connected-provider.js'
import type { DeviceParts, NamedMaker } from './networks/registry.js'
import { EXPECTED_CAPABILITIES } from './networks/served-requirements.js'
import { ManualPlatform } from './testing/manual-platform.js'
import { Replica } from './testing/replicas.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A network that only takes what it gets of its device. */
function taking(network: 'solana' | 'holochain', taken: Map<string, DeviceParts>): NamedMaker {
  return {
    network,
    make: (parts) => {
      taken.set(network, parts)
      return createNotConnectedProvider({
        network,
        capabilities: EXPECTED_CAPABILITIES[network],
        quote: { cost: 0, latency: 0, success: 1 },
        missing: 'Nothing.',
      })
    },
  }
}

async function device(platform = new ManualPlatform({ seed: 8 })) {
  const taken = new Map<string, DeviceParts>()
  const replica = await Replica.open(platform, undefined, [taking('solana', taken), taking('holochain', taken)])
  const of = (network: string): DeviceParts => taken.get(network) ?? expect.fail(`${network} was not made`)
  return { replica, solana: () => of('solana'), holochain: () => of('holochain') }
}

/** Resolves once the network was told of a change that makes it so. */
function changed({ spaces }: DeviceParts, so: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const undo = spaces.onChange(() => {
      if (!so()) return
      undo()
      resolve()
    })
  })
}

it('gives each network durable rows of its own', async () => {
  const { replica, solana, holochain } = await device()
  await solana().rows.write([
    ['sent/1', bytes('one')],
    ['sent/2', bytes('two')],
    ['chain', bytes('abc')],
  ])
  await holochain().rows.write([['sent/1', bytes('other')]])
  await replica.restart()
  expect(await solana().rows.list('sent/')).toEqual([
    ['sent/1', bytes('one')],
    ['sent/2', bytes('two')],
  ])
  await solana().rows.write([['sent/1', undefined]])
  expect(await solana().rows.get('sent/1')).toBeUndefined()
  expect(await holochain().rows.get('sent/1')).toEqual(bytes('other'))
  expect((await solana().rows.list('')).map(([key]) => key)).toEqual(['chain', 'sent/2'])
})

it("gives each network keys of its own, never the author's", async () => {
  const { replica, solana, holochain } = await device()
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt'])
  expect(await solana().keys.get('author')).toBeUndefined()
  await solana().keys.put('payer', key)
  await replica.restart()
  expect(await solana().keys.get('payer')).toBeDefined()
  expect(await holochain().keys.get('payer')).toBeUndefined()
})

it('tells of spaces with what they ask for, and knows it after a restart', async () => {
  const { replica, solana } = await device()
  expect(solana().spaces.list()).toEqual([])
  const told = changed(solana(), () => solana().spaces.list().length === 1)
  const space = await replica.runtime.createSpace({ name: 'Acme', policies: { votes: 'consensus' } })
  await told
  expect(solana().spaces.list()).toMatchObject([{ reference: space.reference, needs: ['consensus', 'team'] }])
  const storage = changed(solana(), () => solana().spaces.list()[0]?.needs.includes('storage') === true)
  await replica.runtime.submitEvent({ path: `${space.id}/files/1`, op: 'put', value: 1, requires: 'storage' })
  await storage
  await replica.runtime.submitEvent({ path: 'me/notes/1', op: 'put', value: 1 })
  await replica.restart()
  await changedOrThere(() => solana().spaces.list().length === 1)
  expect(
    solana()
      .spaces.list()
      .map(({ needs }) => needs),
  ).toEqual([['consensus', 'team', 'storage']])
})

it('a need whose transaction failed is not claimed, and is claimed by the next one', async () => {
  const { replica, solana } = await device()
  const space = await replica.runtime.createSpace({ name: 'Acme' })
  await changedOrThere(() => solana().spaces.list().length === 1)
  replica.disk.failNext(new Error('disk full'))
  const input = { path: `${space.id}/votes/1`, op: 'put', value: 1, requires: 'consensus' } as const
  await expect(replica.runtime.submitEvent(input)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
  expect(solana().spaces.list()[0]?.needs).toEqual(['team'])
  const told = changed(solana(), () => solana().spaces.list()[0]?.needs.includes('consensus') === true)
  await replica.runtime.submitEvent(input)
  await told
})

it('gives all members one secret a network, and another to each network and space', async () => {
  const platform = new ManualPlatform({ seed: 9 })
  const [ada, ben] = [await device(platform), await device(platform)]
  const one = await ada.replica.runtime.createSpace({ name: 'One' })
  await ada.replica.runtime.createSpace({ name: 'Two' })
  await ben.replica.runtime.joinSpace(await ada.replica.runtime.invite(one.id))
  await changedOrThere(() => ada.solana().spaces.list().length === 2 && ben.solana().spaces.list().length === 1)
  await changedOrThere(() => ada.holochain().spaces.list().length === 2)
  const secret = ({ spaces }: DeviceParts, reference = one.reference): string =>
    spaces
      .list()
      .find((space) => space.reference === reference)
      ?.secret.join() ?? expect.fail('no such space')
  expect(secret(ben.solana())).toBe(secret(ada.solana()))
  expect(secret(ben.solana())).not.toBe(secret(ada.holochain()))
  expect(
    ada
      .solana()
      .spaces.list()
      .map((space) => space.secret.length),
  ).toEqual([32, 32])
  expect(
    new Set(
      ada
        .solana()
        .spaces.list()
        .map((space) => space.secret.join()),
    ).size,
  ).toBe(2)
})

it('says in Node that a page is needed', async () => {
  const { solana } = await device()
  const pages = await solana().pages()
  expect(pages.offered('solana-wallet')).toBe(false)
  await expect(pages.ask('solana-wallet', {})).rejects.toMatchObject({ code: 'PAGE_NEEDED' })
})

/** Secrets are made in the background. */
async function changedOrThere(so: () => boolean): Promise<void> {
  while (!so()) await new Promise((resolve) => setImmediate(resolve))
}
