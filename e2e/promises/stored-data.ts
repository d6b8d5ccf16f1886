import type { BrowserContext, Page } from '@playwright/test'
import type { Acknowledged } from './page/embedding-app.js'

/** The runtime's database: what is here reaches past the runtime on purpose, as a failing disk does. */
const DATABASE = 'spicetime'
const VERSION = 1

export type StoredRows = 'commits' | 'pages'

/** A page of the app's origin that does not load the app, so that no worker runs beside it. */
export async function openBarePage(context: BrowserContext, appUrl: string): Promise<Page> {
  const bare = new URL('bare.html', appUrl).href
  await context.route(bare, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>bare</title>' }))
  const page = await context.newPage()
  await page.goto(bare)
  return page
}

/** Spoils stored rows: every `step`th but the first and the last, or the last one alone; resolves to how many were spoiled. */
export async function spoilRows(page: Page, how: 'flip' | 'truncate', rows: { store: StoredRows; step: number | 'last' }): Promise<number> {
  return await page.evaluate(
    async ({ database, version, store, step, truncate }) => {
      const opened = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(database, version)
        request.onupgradeneeded = () => reject(new Error('there is no database to spoil'))
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error ?? new Error('not opened'))
      })
      const transaction = opened.transaction(store, 'readwrite', { durability: 'strict' })
      const objects = transaction.objectStore(store)
      let spoiled = 0
      const keys = objects.getAllKeys()
      keys.onsuccess = () => {
        const chosen = step === 'last' ? keys.result.slice(-1) : keys.result.slice(1, -1).filter((_, index) => index % step === 0)
        for (const key of chosen) {
          const read = objects.get(key)
          read.onsuccess = () => {
            const row: Uint8Array = read.result
            const half = row.length >> 1
            if (truncate) objects.put(row.slice(0, half), key)
            else objects.put(row.with(half, (row[half] ?? 0) ^ 4), key)
            spoiled++
          }
        }
      }
      await new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve()
        transaction.onabort = () => reject(transaction.error ?? new Error('not written'))
      })
      opened.close()
      return spoiled
    },
    { database: DATABASE, version: VERSION, step: rows.step, store: rows.store, truncate: how === 'truncate' },
  )
}

/** All rows of an object store, in the order of their keys. */
export async function readRows(page: Page, store: StoredRows): Promise<readonly Uint8Array[]> {
  const rows = await page.evaluate(
    async (wish) => {
      const opened = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(wish.database, wish.version)
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error ?? new Error('not opened'))
      })
      const found = await new Promise<readonly Uint8Array[]>((resolve, reject) => {
        const request = opened.transaction(wish.store).objectStore(wish.store).getAll()
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error ?? new Error('not read'))
      })
      opened.close()
      // Bytes cross to the test as text.
      return found.map((row) => Array.from(row, (byte) => String.fromCharCode(byte)).join(''))
    },
    { database: DATABASE, version: VERSION, store },
  )
  return rows.map((row) => new Uint8Array(Buffer.from(row, 'latin1')))
}

/** Submits of one event each, one after the other, so that each has a commit of its own. */
export async function submitSingles(page: Page, collection: string, count: number): Promise<readonly Acknowledged[]> {
  return await page.evaluate(
    async (wish) => {
      const runtime = await globalThis.app.runtime
      const done: Acknowledged[] = []
      for (let value = 0; value < wish.count; value++) {
        const path = `me/${wish.collection}/${value}`
        done.push({ id: await runtime.submitEvent({ path, op: 'put', value }), path, value })
      }
      return done
    },
    { collection, count },
  )
}

/** Leaves the database in a version that this build does not know, as a newer version of the app would. */
export async function leaveNewerVersion(page: Page): Promise<void> {
  await page.evaluate(
    ({ database, version }) =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.open(database, version + 1)
        request.onsuccess = () => {
          request.result.close()
          resolve()
        }
        request.onerror = () => reject(request.error ?? new Error('not opened'))
      }),
    { database: DATABASE, version: VERSION },
  )
}

/** How many bytes a page's origin may store. */
export interface Quota {
  set(bytes: number): Promise<void>
}

export async function limitQuota(page: Page, bytes: number): Promise<Quota> {
  // The limit holds as long as this session does.
  const session = await page.context().newCDPSession(page)
  const { origin } = new URL(page.url())
  const set = async (quotaSize: number): Promise<void> => {
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize })
  }
  await set(bytes)
  return { set }
}
