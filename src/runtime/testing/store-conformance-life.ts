import { expect, it } from 'vitest'
import { prefixRange } from '../storage/store.js'
import { bytes, equal, filled, numbered, text } from './sample-bytes.js'
import { codeOf, keysOf, microtasks } from './store-under-test.js'
import type { StoreUnderTest } from './store-under-test.js'

export function describeFailures(test: StoreUnderTest): void {
  it('rejects a write whose commit fails, keeps nothing of it, and stays usable', async () => {
    await test.store.write([
      ['a', bytes('before')],
      ['b', bytes('before')],
    ])
    test.harness.failNextCommit()
    const failing = test.store.write([
      ['a', bytes('lost')],
      ['b', undefined],
      ['c', bytes('lost')],
    ])
    expect(text(await test.store.get('a'))).toBe('lost')
    expect(await codeOf(failing)).toBe('STORAGE_FULL')
    expect((await test.store.getMany(['a', 'b', 'c'])).map(text)).toEqual(['before', 'before', undefined])
    expect(await keysOf(test.store, { from: ' ', to: '~' })).toEqual(['a', 'b'])
    await test.store.write([['d', bytes('after')]])
    const store = await test.reopen()
    expect((await store.getMany(['a', 'b', 'c', 'd'])).map(text)).toEqual(['before', 'before', undefined, 'after'])
  })

  it('rejects with it all later writes in flight, and goes back to what is durable', async () => {
    await test.store.write([['a', bytes('durable')]])
    test.harness.failNextCommit()
    const first = codeOf(test.store.write([['a', bytes('1')]]))
    await microtasks()
    const second = codeOf(
      test.store.write([
        ['a', bytes('2')],
        ['b', bytes('2')],
      ]),
    )
    expect(text(await test.store.get('b'))).toBe('2')
    expect(await first).toBe('STORAGE_FULL')
    expect(await second).toBe('STORAGE_FULL')
    expect((await test.store.getMany(['a', 'b'])).map(text)).toEqual(['durable', undefined])
    await test.store.write([['a', bytes('3')]])
    expect(text(await (await test.reopen()).get('a'))).toBe('3')
  })
}

export function describeLife(test: StoreUnderTest): void {
  it('keeps everything over a reopen', async () => {
    const keys = numbered(2000)
    await test.store.write(keys.map((key, at) => [key, filled(50, at)]))
    await test.store.write(keys.filter((_, at) => at % 2 === 0).map((key) => [key, undefined]))
    let store = await test.reopen()
    store = await test.reopen()
    expect(await keysOf(store, prefixRange('k/'))).toEqual(keys.filter((_, at) => at % 2 === 1))
    expect(equal(await store.get('k/01999'), filled(50, 1999))).toBe(true)
    expect(store.damaged()).toEqual([])
  })

  it('waits on close for what is in flight', async () => {
    const writes = Promise.all(numbered(20).map((key) => test.store.write([[key, bytes(key)]])))
    const store = await test.reopen()
    await writes
    expect((await keysOf(store, prefixRange('k/'))).length).toBe(20)
  })

  it('refuses everything after close with STORAGE_CLOSED', async () => {
    const { store, keys } = test.opened
    await store.write(numbered(5000).map((key) => [key, bytes(key)]))
    await store.close()
    await store.close()
    expect(await codeOf(store.get('a'))).toBe('STORAGE_CLOSED')
    expect(await codeOf(store.getMany(['a']))).toBe('STORAGE_CLOSED')
    expect(await codeOf(store.write([['a', bytes('1')]]))).toBe('STORAGE_CLOSED')
    expect(await codeOf(keysOf(store, prefixRange('k/')))).toBe('STORAGE_CLOSED')
    expect(await codeOf(keys.get('a'))).toBe('STORAGE_CLOSED')
  })
}

export function describeKeys(test: StoreUnderTest): void {
  it('keeps single keys and pairs over a reopen, and replaces them', async () => {
    const pair = await makePair()
    const secret = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt'])
    await test.opened.keys.put('author', await makePair())
    await test.opened.keys.put('author', pair)
    await test.opened.keys.put('space/acme', secret)
    await test.reopen()
    const found = await test.opened.keys.get('author')
    if (found === undefined || !('privateKey' in found)) throw new Error('the pair is not there')
    const signature = await crypto.subtle.sign('Ed25519', found.privateKey, bytes('text'))
    expect(await crypto.subtle.verify('Ed25519', pair.publicKey, signature, bytes('text'))).toBe(true)
    const key = await test.opened.keys.get('space/acme')
    if (key === undefined || 'privateKey' in key) throw new Error('the key is not there')
    const iv = new Uint8Array(12)
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, secret, bytes('text'))
    expect(text(new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed)))).toBe('text')
    expect(await test.opened.keys.get('nobody')).toBeUndefined()
  })
}

async function makePair(): Promise<CryptoKeyPair> {
  const made = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])
  if (!('privateKey' in made)) throw new Error('Ed25519 gave no pair')
  return made
}
