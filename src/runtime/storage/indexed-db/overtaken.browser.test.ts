import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { SpiceTimeError } from '../../errors/spice-time-error.js'
import { browserPlatform as platform } from '../../platform/browser.js'
import { bytes, text } from '../../testing/sample-bytes.js'
import type { OpenedStore } from '../opened-store.js'
import type { Store } from '../store.js'
import { openIndexedDbStore } from './indexed-db-store.js'
import type { IndexedDbStoreOptions } from './indexed-db-store.js'

/** Holds the next write to an object store before it reaches the database, as a process that freezes there does. */
class Freezer {
  holds = false
  readonly #begin = IDBDatabase.prototype.transaction
  #release: () => void = () => undefined

  constructor(store: string) {
    const begin = this.#begin
    const hold = (act: () => IDBTransaction): IDBTransaction => this.#hold(act)
    IDBDatabase.prototype.transaction = function transaction(...parameters) {
      const [stores, mode] = parameters
      const names = typeof stores === 'string' ? [stores] : [...stores]
      const act = (): IDBTransaction => begin.apply(this, parameters)
      return mode === 'readwrite' && names[0] === store ? hold(act) : act()
    }
  }

  thaw(): void {
    this.#release()
  }

  #hold(act: () => IDBTransaction): IDBTransaction {
    this.holds = true
    IDBDatabase.prototype.transaction = this.#begin
    return delayed(act, (release) => {
      this.#release = release
    })
  }
}

/** A transaction that is begun, with all that was asked of it, when it is released. */
function delayed(act: () => IDBTransaction, onRelease: (release: () => void) => void): IDBTransaction {
  const asked: ((real: IDBTransaction) => void)[] = []
  const stand: Record<string, unknown> = { error: null }
  const storeOf = (store: string): Record<string, unknown> => {
    const record = (method: 'add' | 'put' | 'delete') => (first: never, second: never) => {
      asked.push((real) => void (real.objectStore(store)[method] as (a: never, b: never) => unknown)(first, second))
    }
    return { add: record('add'), put: record('put'), delete: record('delete') }
  }
  stand['objectStore'] = storeOf
  stand['commit'] = () => asked.push((real) => real.commit())
  onRelease(() => {
    const real = act()
    const tell = (handler: 'oncomplete' | 'onabort') => (event: Event) => {
      stand['error'] = real.error
      const listener = stand[handler]
      if (typeof listener === 'function') listener.call(real, event)
    }
    real.oncomplete = tell('oncomplete')
    real.onabort = tell('onabort')
    for (const ask of asked) ask(real)
  })
  return stand as unknown as IDBTransaction
}

describe('indexed-db store: an owner that was overtaken', () => {
  let name = ''
  let count = 0
  const opened: OpenedStore[] = []
  const open = async (options: Partial<IndexedDbStoreOptions> = {}): Promise<Store> => {
    const made = await openIndexedDbStore({ platform, name, ...options })
    opened.push(made)
    return made.store
  }
  beforeEach(() => {
    name = `overtaken-test-${++count}`
  })
  afterEach(async () => {
    for (const { store } of opened.splice(0)) await store.close()
    await new Promise((resolve) => {
      indexedDB.deleteDatabase(name).onsuccess = resolve
    })
  })

  for (const at of ['commits', 'pages', 'keys'] as const) {
    it(`changes nothing any more when it froze before a write of ${at} and was overtaken`, async () => {
      const closed: SpiceTimeError[] = []
      const limits = { pageBytes: 2000, memtableBytes: 20_000, memtableRows: 10 }
      const frozen = await open({ limits, onClosed: (error) => closed.push(error) })
      const keys = Array.from({ length: 9 }, (_, step) => `k/${step}`)
      for (const key of keys) await frozen.write([[key, bytes('old')]])
      const freezer = new Freezer(at)
      const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
      const late = codeOf(
        at === 'keys' ? (opened[0]?.keys.put('author', pair) ?? Promise.resolve()) : frozen.write([['k/0', bytes('late')]]),
      )
      await until(() => freezer.holds)
      // Before a checkpoint's write the commit that began it was acknowledged.
      const first = at === 'pages' ? 'late' : 'old'
      if (at === 'pages') expect(await late).toBe('no error')
      const owner = await open({ limits })
      expect(text(await owner.get('k/0'))).toBe(first)
      for (const key of keys) await owner.write([[key, bytes('new')]])
      await owner.write([['k/9', bytes('new')]])
      freezer.thaw()
      if (at !== 'pages') expect(await late).toBe('STORAGE_CLOSED')
      expect(await codeOf(frozen.write([['k/1', bytes('later')]]))).toBe('STORAGE_CLOSED')
      await until(() => closed.length === 1)
      expect(await opened[1]?.keys.get('author')).toBeUndefined()
      await owner.close()
      const third = await open({ limits })
      expect((await third.getMany([...keys, 'k/9'])).map(text)).toEqual(Array.from({ length: 10 }, () => 'new'))
      expect(third.damaged()).toEqual([])
    })
  }

  it('gets the database from an owner that spins with reads and a commit under way', async () => {
    const worker = new Worker(new URL('./test/spinning-owner.ts', import.meta.url), { type: 'module' })
    try {
      const spinning = new Promise((resolve) => {
        worker.onmessage = resolve
      })
      worker.postMessage(name)
      await spinning
      const limits = { pageBytes: 2000, memtableBytes: 20_000, memtableRows: 10 }
      const owner = await open({ limits })
      expect(text(await owner.get('k/000'))).toBe('last')
      // So many that checkpoints must get through, too.
      for (let at = 0; at < 100; at++) await owner.write([[`k/${String(at).padStart(3, '0')}`, bytes('new')]])
      expect(text(await owner.get('k/000'))).toBe('new')
      expect(text(await owner.get('k/299'))).toBe('k/299'.repeat(20))
    } finally {
      worker.terminate()
    }
  })
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'no error'
  } catch (error) {
    return isSpiceTimeError(error) ? error.code : String(error)
  }
}
