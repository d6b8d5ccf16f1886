import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import { browserPlatform } from '../../platform/browser.js'
import type { Platform } from '../../platform/platform.js'
import { bytes, text } from '../../testing/sample-bytes.js'
import { openIndexedDbStore } from './indexed-db-store.js'
import { openDatabase } from './open-database.js'
import type { DatabaseOptions } from './open-database.js'
import { SCHEMA_VERSION, STORES, UPGRADES } from './schema.js'
import type { Schema } from './schema.js'

/** Timers that ring when they are told to. */
class Clock {
  readonly #timers: { readonly milliseconds: number; readonly callback: () => void }[] = []
  readonly platform: Platform = {
    ...browserPlatform,
    after: (milliseconds, callback) => {
      const timer = { milliseconds, callback }
      this.#timers.push(timer)
      return () => void this.#timers.splice(this.#timers.indexOf(timer), 1)
    },
  }

  has(milliseconds?: number): boolean {
    return this.#timers.some((timer) => milliseconds === undefined || timer.milliseconds === milliseconds)
  }

  ring(milliseconds?: number): void {
    for (const timer of this.#timers.filter((each) => milliseconds === undefined || each.milliseconds === milliseconds)) timer.callback()
  }
}

const optionsOf = (name: string, upgrades: DatabaseOptions<Schema>['upgrades']): DatabaseOptions<Schema> => ({
  name,
  upgrades,
  platform: browserPlatform,
  blockedTimeout: 1001,
  onVersionChange: () => undefined,
  onTerminated: () => undefined,
})

describe('opening the database', () => {
  let name = ''
  let count = 0
  beforeEach(() => {
    name = `open-test-${++count}`
  })
  afterEach(async () => {
    await settled(indexedDB.deleteDatabase(name))
  })

  it('gives up on a blocked upgrade after a bound, and lets go when it opens after all', async () => {
    const blocker = await openRaw(name)
    const clock = new Clock()
    const options = optionsOf(name, [...UPGRADES, (): void => undefined])
    const refused = codeOf(openDatabase({ ...options, platform: clock.platform }))
    await until(() => clock.has(options.blockedTimeout))
    clock.ring(options.blockedTimeout)
    expect(await refused).toBe('STORAGE_BLOCKED')
    blocker.close()
    const database = await openDatabase(options)
    expect(database.version).toBe(SCHEMA_VERSION + 1)
    database.close()
  })

  it('upgrades step by step, with the data in place', async () => {
    await fill(name)
    const steps: number[] = []
    const upgrades = [...UPGRADES, (): void => void steps.push(1), (): void => void steps.push(2)]
    const database = await openDatabase(optionsOf(name, upgrades))
    expect(steps).toEqual([1, 2])
    expect(await database.count('commits')).toBe(2)
    database.close()
  })

  it('does an upgrade again that was interrupted, with the data in place', async () => {
    await fill(name)
    for (let round = 0; round < 5; round++) {
      const worker = new Worker(new URL('./test/endless-upgrade.ts', import.meta.url), { type: 'module' })
      const under = new Promise((resolve) => {
        worker.onmessage = resolve
      })
      worker.postMessage({ name, version: SCHEMA_VERSION + 1 })
      await under
      worker.terminate()
    }
    const database = await openDatabase(
      optionsOf(name, [...UPGRADES, (upgraded): void => void upgraded.createObjectStore('added' as 'keys')]),
    )
    expect(database.version).toBe(SCHEMA_VERSION + 1)
    expect([...database.objectStoreNames].map(String).sort()).toEqual([...STORES, 'added'].sort())
    expect(await database.count('commits')).toBe(2)
    database.close()
  })

  it('leaves the older version usable when a newer one was interrupted', async () => {
    await fill(name)
    const worker = new Worker(new URL('./test/endless-upgrade.ts', import.meta.url), { type: 'module' })
    const under = new Promise((resolve) => {
      worker.onmessage = resolve
    })
    worker.postMessage({ name, version: SCHEMA_VERSION + 1 })
    await under
    worker.terminate()
    const { store } = await openIndexedDbStore({ platform: browserPlatform, name })
    expect(text(await store.get('a'))).toBe('1')
    await store.close()
  })

  it('gives up after a bound behind a deletion that another connection holds up, of which the browser says nothing', async () => {
    await fill(name)
    const blocker = await openRaw(name)
    const deleted = settled(indexedDB.deleteDatabase(name))
    const clock = new Clock()
    const refused = codeOf(openIndexedDbStore({ platform: clock.platform, name }))
    await until(() => clock.has())
    clock.ring()
    expect(await refused).toBe('STORAGE_BLOCKED')
    blocker.close()
    await deleted
    const { store } = await openIndexedDbStore({ platform: browserPlatform, name })
    expect(await store.get('a')).toBeUndefined()
    await store.close()
  })

  it('gives up after a bound behind a transaction that another connection leaves open, and takes nothing over later', async () => {
    await fill(name)
    const other = await openRaw(name)
    const transaction = other.transaction('commits', 'readwrite')
    let busy = true
    const commits = transaction.objectStore('commits')
    const goOn = (): void => {
      if (busy) commits.count().onsuccess = goOn
    }
    goOn()
    const clock = new Clock()
    const refused = codeOf(openIndexedDbStore({ platform: clock.platform, name }))
    for (let last = ''; last !== 'STORAGE_BLOCKED';) {
      clock.ring(10_000)
      last = await Promise.race([refused, new Promise<string>((resolve) => setTimeout(() => resolve('waiting'), 10))])
    }
    busy = false
    const rows = await settled(other.transaction('commits').objectStore('commits').count())
    expect(rows).toBe(2)
    other.close()
  })

  it('says that the data was cleared when that happens under a running store', async () => {
    const closed: string[] = []
    const { store } = await openIndexedDbStore({ platform: browserPlatform, name, onClosed: ({ code }) => closed.push(code) })
    await store.write([['a', bytes('1')]])
    await settled(indexedDB.deleteDatabase(name))
    expect(closed).toEqual(['STORAGE_CLOSED'])
    expect(await codeOf(store.get('a'))).toBe('STORAGE_CLOSED')
    expect(await codeOf(store.write([['a', bytes('2')]]))).toBe('STORAGE_CLOSED')
    await store.close()
  })
})

/** A database with one commit. */
async function fill(name: string): Promise<void> {
  const { store } = await openIndexedDbStore({ platform: browserPlatform, name })
  await store.write([['a', bytes('1')]])
  await store.close()
}

/** A connection to an older version that does not close for an upgrade. */
function openRaw(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, SCHEMA_VERSION)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('not opened'))
  })
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('failed'))
  })
}

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
