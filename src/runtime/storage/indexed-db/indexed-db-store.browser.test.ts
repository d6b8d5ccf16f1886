import { openDB } from 'idb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { Platform } from '../../platform/platform.js'
import { bytes, text } from '../../testing/sample-bytes.js'
import { runStoreConformance } from '../../testing/store-conformance.js'
import type { OpenedStore } from '../opened-store.js'
import type { DamagedRecord, Store } from '../store.js'
import { prefixRange } from '../store.js'
import { openIndexedDbStore } from './indexed-db-store.js'
import type { IndexedDbStoreOptions } from './indexed-db-store.js'
import { SCHEMA_VERSION } from './schema.js'

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
const freshName = (): string => `storage-test-${++count}`

function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = () => resolve()
    request.onerror = () => reject(request.error ?? new Error('not deleted'))
  })
}

/** Counts commits of the log, and makes one fail where a full disk would: at the end of its transaction. */
class Saboteur {
  commits = 0
  failNext = false
  readonly #begin = IDBDatabase.prototype.transaction

  install(): void {
    const begin = this.#begin
    const count = (transaction: IDBTransaction): void => this.#spoil(transaction)
    IDBDatabase.prototype.transaction = function transaction(...parameters) {
      const begun = begin.apply(this, parameters)
      if (parameters[0] === 'commits' && parameters[1] === 'readwrite' && parameters[2]?.durability === 'strict') count(begun)
      return begun
    }
  }

  restore(): void {
    IDBDatabase.prototype.transaction = this.#begin
  }

  #spoil(transaction: IDBTransaction): void {
    this.commits++
    if (!this.failNext) return
    this.failNext = false
    Object.defineProperty(transaction, 'error', { value: new DOMException('no room', 'QuotaExceededError') })
    transaction.commit = () => transaction.abort()
  }
}

for (const [name, limits] of [
  ['indexed-db', undefined],
  ['indexed-db, tiny pages', { pageBytes: 2000, memtableBytes: 20_000, memtableRows: 40, cacheBytes: 20_000 }],
] as const) {
  runStoreConformance(name, () => {
    const database = freshName()
    const saboteur = new Saboteur()
    saboteur.install()
    return Promise.resolve({
      open: () => openIndexedDbStore({ platform, name: database, ...(limits === undefined ? {} : { limits }) }),
      failNextCommit: () => {
        saboteur.failNext = true
      },
      commits: () => saboteur.commits,
      dispose: () => {
        saboteur.restore()
        return deleteDatabase(database)
      },
    })
  })
}

describe('indexed-db store', () => {
  let name = ''
  const opened: OpenedStore[] = []
  const open = async (options: Partial<IndexedDbStoreOptions> = {}): Promise<Store> => {
    const made = await openIndexedDbStore({ platform, name, ...options })
    opened.push(made)
    return made.store
  }
  beforeEach(() => {
    name = freshName()
  })
  afterEach(async () => {
    for (const { store } of opened.splice(0)) await store.close()
    await deleteDatabase(name)
  })

  it('writes one row for a commit, and nothing else, in one strict transaction', async () => {
    const store = await open()
    await Promise.all([
      store.write([['a', bytes('1')]]),
      store.write([
        ['b', bytes('2')],
        ['c', undefined],
      ]),
    ])
    const raw = await openDB(name, SCHEMA_VERSION)
    // The fence of the opening, and the commit.
    expect(await raw.count('commits')).toBe(2)
    expect(await raw.count('pages')).toBe(0)
    raw.close()
  })

  it('keeps non-extractable keys', async () => {
    await open()
    const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
    if (!('privateKey' in pair)) throw new Error('no pair')
    await opened[0]?.keys.put('author', pair)
    await opened[0]?.store.close()
    await open()
    const found = await opened[1]?.keys.get('author')
    if (found === undefined || !('privateKey' in found)) throw new Error('the pair is not there')
    expect(found.privateKey.extractable).toBe(false)
    const signature = await crypto.subtle.sign('Ed25519', found.privateKey, bytes('text'))
    expect(await crypto.subtle.verify('Ed25519', pair.publicKey, signature, bytes('text'))).toBe(true)
  })

  it('closes at once when another tab upgrades, says so, and does not block it', async () => {
    let obsolete = 0
    const store = await open({ onObsolete: () => obsolete++ })
    await store.write([['a', bytes('1')]])
    const newer = await openDB(name, SCHEMA_VERSION + 1)
    expect(obsolete).toBe(1)
    expect(await codeOf(store.get('a'))).toBe('STORAGE_CLOSED')
    expect(await codeOf(store.write([['a', bytes('2')]]))).toBe('STORAGE_CLOSED')
    newer.close()
    expect(await codeOf(open())).toBe('STORAGE_VERSION_NEWER')
  })

  it('ends with a reason when another connection has taken the database over', async () => {
    const closed: SpiceTimeError[] = []
    const first = await open({ onClosed: (error) => closed.push(error) })
    const second = await open()
    await second.write([['a', bytes('second')]])
    expect(await codeOf(first.write([['a', bytes('first')]]))).toBe('STORAGE_CLOSED')
    expect(closed.length).toBe(1)
    expect(await codeOf(first.get('a'))).toBe('STORAGE_CLOSED')
    const store = await open()
    expect(text(await store.get('a'))).toBe('second')
  })

  it('finds every key in reads of many while checkpoints split, merge and write the pages again', async () => {
    const store = await open({ limits: { pageBytes: 1000, memtableBytes: 6000, memtableRows: 20, sliceBytes: 2000, cacheBytes: 0 } })
    const keys = Array.from({ length: 200 }, (_, at) => `k/${String((at * 7919) % 1009).padStart(4, '0')}`)
    const newest = new Map<string, number>()
    const reads: Promise<void>[] = []
    const look = async (round: number): Promise<void> => {
      const wanted = [...newest.keys()].filter((_, at) => (at + round) % 7 === 0)
      const least = wanted.map((key) => newest.get(key) ?? 0)
      const found = await store.getMany(wanted)
      expect(found.every((value, at) => Number(text(value)) >= (least[at] ?? 0))).toBe(true)
    }
    for (let round = 1; round <= 400; round++) {
      const changed = keys.filter((_, at) => (at * 31 + round * 17) % 29 === 0)
      await store.write(changed.map((key) => [key, bytes(String(round).padStart(round % 150, '0'))]))
      for (const key of changed) newest.set(key, round)
      reads.push(look(round))
    }
    await Promise.all(reads)
    await look(0)
  })

  it('says STORAGE_UNAVAILABLE where there is no IndexedDB', async () => {
    const real = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB')
    Object.defineProperty(globalThis, 'indexedDB', { value: undefined, configurable: true, writable: true })
    try {
      expect(await codeOf(openIndexedDbStore({ platform, name }))).toBe('STORAGE_UNAVAILABLE')
    } finally {
      if (real !== undefined) Object.defineProperty(globalThis, 'indexedDB', real)
    }
  })

  it('reports a full disk, keeps what it had, and goes on when there is room again', async () => {
    const bucket = await openBucket(name, 1_000_000)
    const real = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB')
    Object.defineProperty(globalThis, 'indexedDB', { value: bucket.indexedDB, configurable: true, writable: true })
    try {
      const store = await open()
      await store.write([['kept', bytes('1')]])
      expect(await codeOf(store.write([['large', new Uint8Array(3_000_000)]]))).toBe('STORAGE_FULL')
      expect(text(await store.get('kept'))).toBe('1')
      expect(await store.get('large')).toBeUndefined()
      await store.write([['after', bytes('2')]])
      await store.close()
      const again = await open()
      expect((await again.getMany(['kept', 'large', 'after'])).map(text)).toEqual(['1', undefined, '2'])
    } finally {
      if (real !== undefined) Object.defineProperty(globalThis, 'indexedDB', real)
    }
  })

  it('opens with spoiled rows, loses only what is spoiled, and remembers that', async () => {
    const limits = { pageBytes: 4000, memtableBytes: 50_000, memtableRows: 10, cacheBytes: 10_000 }
    let store = await open({ limits })
    const keys = Array.from({ length: 400 }, (_, at) => `k/${String(at).padStart(4, '0')}`)
    for (let at = 0; at < 400; at += 20) await store.write(keys.slice(at, at + 20).map((key) => [key, bytes(`value of ${key}`)]))
    await store.close()
    const raw = await openDB(name, SCHEMA_VERSION)
    const [pageKey] = await raw.getAllKeys('pages', undefined, 1)
    // The first row is the fence of the opening.
    const [, sequence] = await raw.getAllKeys('commits', undefined, 2)
    if (pageKey === undefined || sequence === undefined) throw new Error('the test needs a page and a commit')
    for (const [rows, key] of [
      ['pages', pageKey],
      ['commits', sequence],
    ] as const) {
      const row: Uint8Array = await raw.get(rows, key)
      row[row.byteLength - 1] = (row[row.byteLength - 1] ?? 0) ^ 4
      await raw.put(rows, row, key)
    }
    raw.close()
    const told: DamagedRecord[] = []
    store = await open({ limits, onDamaged: (record) => told.push(record) })
    const found: string[] = []
    for await (const page of store.range(prefixRange('k/'))) found.push(...page.map(([key]) => key))
    expect(told.length).toBe(2)
    expect(new Set([...found, ...told.map((record) => record.key)])).toEqual(new Set(keys))
    expect(found.length).toBeGreaterThanOrEqual(398)
    expect(store.damaged()).toEqual(told)
    await until(async () => (await countOf(name, 'damaged')) === 2)
    await store.close()
    store = await open({ limits })
    expect(
      store
        .damaged()
        .map((record) => record.key)
        .sort(),
    ).toEqual(told.map((record) => record.key).sort())
  })
})

async function countOf(name: string, store: string): Promise<number> {
  const raw = await openDB(name, SCHEMA_VERSION)
  const count = await raw.count(store)
  raw.close()
  return count
}

/** A part of the origin's storage with a quota of its own. */
async function openBucket(name: string, quota: number): Promise<{ indexedDB: IDBFactory }> {
  const { storageBuckets } = navigator as Navigator & {
    storageBuckets: { open(name: string, options: { quota: number }): Promise<{ indexedDB: IDBFactory }> }
  }
  return storageBuckets.open(name, { quota })
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 1))
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'no error'
  } catch (error) {
    return isSpiceTimeError(error) ? error.code : String(error)
  }
}
