import { openDB } from 'idb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Platform } from '../../platform/platform.js'
import { runBlockStoreConformance } from '../../testing/block-store-conformance.js'
import { codeOf } from '../../testing/store-under-test.js'
import type { BlockStore } from '../block-store.js'
import { blocksDatabaseOf, openIndexedDbBlockStore } from './indexed-db-block-store.js'

const platform: Platform = {
  now: () => 0,
  monotonic: () => 0,
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds)
    return () => clearTimeout(timer)
  },
}

let count = 0
const freshName = (): string => `blocks-test-${++count}`

function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = () => resolve()
    request.onerror = () => reject(request.error ?? new Error('not deleted'))
  })
}

runBlockStoreConformance('indexed-db', () => {
  const name = freshName()
  return Promise.resolve({
    open: () => openIndexedDbBlockStore({ platform, name }),
    dispose: () => deleteDatabase(blocksDatabaseOf(name)),
  })
})

describe('indexed-db block store', () => {
  let name = ''
  const opened: BlockStore[] = []
  const open = async (): Promise<BlockStore> => {
    const store = await openIndexedDbBlockStore({ platform, name })
    opened.push(store)
    return store
  }
  beforeEach(() => {
    name = freshName()
  })
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
    await deleteDatabase(blocksDatabaseOf(name))
  })

  it('lets an overtaken owner delete nothing, and add without harm', async () => {
    const first = await open()
    await first.put([['kept', new Uint8Array([1])]])
    const second = await open()
    expect(await codeOf(first.delete(['kept']))).toBe('STORAGE_CLOSED')
    await first.put([['late', new Uint8Array([2])]])
    expect(await second.has('kept')).toBe(true)
    await second.delete(['late'])
    const third = await open()
    expect(await codeOf(first.delete(['kept']))).toBe('STORAGE_CLOSED')
    expect(await codeOf(second.delete(['kept']))).toBe('STORAGE_CLOSED')
    await third.delete(['kept'])
    expect(await third.has('kept')).toBe(false)
  })

  it('resolves a put only once its transaction is complete', async () => {
    const store = await open()
    await store.put([['warm', new Uint8Array([1])]])
    let completions = 0
    const begin = IDBDatabase.prototype.transaction
    IDBDatabase.prototype.transaction = function transaction(...parameters) {
      const begun = begin.apply(this, parameters)
      if (parameters[1] === 'readwrite') {
        expect(parameters[2]).toEqual({ durability: 'strict' })
        begun.addEventListener('complete', () => completions++)
      }
      return begun
    }
    try {
      await store.put(Array.from({ length: 8 }, (_, at) => [`block-${at}`, new Uint8Array(100_000)]))
      expect(completions).toBe(1)
    } finally {
      IDBDatabase.prototype.transaction = begin
    }
  })

  it('reports a full disk, writes all of a put or none, keeps what it had, and goes on when there is room again', async () => {
    const { indexedDB: small } = await openBucket(name, 3_000_000)
    const real = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB')
    Object.defineProperty(globalThis, 'indexedDB', { value: small, configurable: true, writable: true })
    try {
      const store = await open()
      await store.put([['kept', new Uint8Array([1])]])
      const pieces = Array.from({ length: 40 }, (_, at) => [`large-${at}`, noise(262_144)] as const)
      expect(await codeOf(store.put(pieces))).toBe('STORAGE_FULL')
      expect(await store.get('kept')).toEqual(new Uint8Array([1]))
      expect(await Promise.all(pieces.map(([piece]) => store.has(piece)))).toEqual(pieces.map(() => false))
      await store.put([['after', noise(200_000)]])
      await store.close()
      const again = await open()
      expect(await again.has('after')).toBe(true)
    } finally {
      if (real !== undefined) Object.defineProperty(globalThis, 'indexedDB', real)
    }
  })

  it('closes at once when another tab upgrades, and does not block it', async () => {
    const store = await open()
    const newer = await openDB(blocksDatabaseOf(name), 99)
    expect(await codeOf(store.get('a'))).toBe('STORAGE_CLOSED')
    newer.close()
    expect(await codeOf(open())).toBe('STORAGE_VERSION_NEWER')
  })
})

function noise(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, Math.min(size, at + 65_536)))
  return bytes
}

/** A corner of this origin's storage with a quota of its own. */
async function openBucket(bucket: string, quota: number): Promise<{ indexedDB: IDBFactory }> {
  const { storageBuckets } = navigator as Navigator & {
    storageBuckets: { open(name: string, options: { quota: number }): Promise<{ indexedDB: IDBFactory }> }
  }
  return await storageBuckets.open(bucket, { quota })
}
