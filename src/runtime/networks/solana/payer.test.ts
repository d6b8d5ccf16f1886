import { describe, expect, test } from 'vitest'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { PageServices } from '../provider-parts.js'
import { fromBase58 } from './base58.js'
import { loadBurner, loadWallet } from './payer.js'
import { MemoryKeys } from '../../testing/memory-parts.js'

const MESSAGE = new Uint8Array([1, 2, 3])

async function isSignedBy(key: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify'])
  return await crypto.subtle.verify('Ed25519', imported, signature, MESSAGE)
}

test("a device's own payer signs, can't be taken out, and is the same the next time", async () => {
  const keys = new MemoryKeys()
  const payer = await loadBurner(keys)
  expect(fromBase58(payer.address)).toEqual(payer.key)
  expect(await isSignedBy(payer.key, await payer.sign(MESSAGE))).toBe(true)
  expect((await loadBurner(keys)).address).toBe(payer.address)
  expect((await loadBurner(new MemoryKeys())).address).not.toBe(payer.address)
  const kept = await keys.get('solana-payer')
  expect(kept !== undefined && 'privateKey' in kept && kept.privateKey.extractable).toBe(false)
})

/** A page whose wallet answers as told. */
function page(answer: (request: unknown) => unknown): PageServices {
  return {
    offered: () => true,
    onChange: () => () => undefined,
    ask: async (service, request) => {
      expect(service).toBe('solana-wallet')
      return await answer(request)
    },
  }
}

async function wallet(signs = MESSAGE): Promise<{ readonly pages: PageServices; readonly asked: unknown[] }> {
  const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify'])
  if (!('privateKey' in pair)) return expect.fail('no pair')
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
  const asked: unknown[] = []
  const pages = page(async (request) => {
    asked.push(request)
    if (asked.length === 1) return { publicKey }
    return { signature: new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, signs)) }
  })
  return { pages, asked }
}

describe('the wallet of a page', () => {
  test('says who it is and signs messages, asked in plain data', async () => {
    const { pages, asked } = await wallet()
    const payer = await loadWallet(pages)
    expect(await isSignedBy(payer.key, await payer.sign(MESSAGE))).toBe(true)
    expect(asked).toEqual([{ kind: 'account' }, { kind: 'sign', message: MESSAGE }])
  })

  test('that signed something else is refused', async () => {
    const payer = await loadWallet((await wallet(new Uint8Array([9]))).pages)
    await expect(payer.sign(MESSAGE)).rejects.toMatchObject({ code: 'NETWORK_UNAUTHORIZED', context: { address: payer.address } })
  })

  test.each([undefined, null, 'x', {}, { publicKey: new Uint8Array(31) }, { publicKey: 'abc' }])(
    'that answers %j is refused',
    async (answer) => {
      await expect(loadWallet(page(() => answer))).rejects.toMatchObject({ code: 'NETWORK_UNAUTHORIZED' })
    },
  )

  test('is needed where no page offers one', async () => {
    const none = page(() => Promise.reject(new SpiceTimeError('PAGE_NEEDED', 'Open a page of the app.')))
    await expect(loadWallet(none)).rejects.toMatchObject({ code: 'PAGE_NEEDED' })
  })
})
