import type { Page } from '@playwright/test'
import { test as base } from '../promises/runtime-page.js'

/** Playwright's `test` with an application that embeds the runtime and keeps files. */
export const test = base.extend<{ readonly openApp: (page: Page) => Promise<Page> }>({
  openApp: async ({ appUrl }, use) => {
    await use(async (page) => {
      await page.goto(appUrl)
      await page.evaluate(async () => await (await globalThis.app.runtime).configureNetworks({ ipfs: {} }))
      return page
    })
  },
})

export { expect } from '@playwright/test'

/** Bytes of all blocks in the page's browser database; what is here reaches past the runtime on purpose. */
export function storedBlocks(page: Page): Promise<{ readonly blocks: number; readonly bytes: number }> {
  return page.evaluate(async () => {
    const opened = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('spicetime-blocks')
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error ?? new Error('not opened'))
    })
    const keys = await new Promise<readonly IDBValidKey[]>((resolve, reject) => {
      const request = opened.transaction('blocks').objectStore('blocks').getAllKeys()
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error ?? new Error('not read'))
    })
    opened.close()
    return { blocks: keys.length, bytes: keys.reduce<number>((sum, key) => sum + (Array.isArray(key) ? Number(key[1]) : 0), 0) }
  })
}

/** A file that is made of its number, and is added; resolves to its CID. */
export function addFile(
  page: Page,
  path: string,
  file: { readonly size: number; readonly number: number; readonly name?: string },
): Promise<string> {
  return page.evaluate(
    async ([at, { size, number, name = '' }]) => {
      const runtime = await globalThis.app.runtime
      const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8) * 17 + number) & 255)
      await runtime.putFile(at, new Blob([bytes]), { name })
      return (await runtime.fileInfo(at)).reference.cid
    },
    [path, file] as const,
  )
}

/** What is wrong with the file at a path, when it should be the one of that number; undefined when it is that, byte for byte. */
export function wrongFile(page: Page, path: string, file: { readonly size: number; readonly number: number }): Promise<string | undefined> {
  return page.evaluate(
    async ([at, { size, number }]) => {
      const { stream } = await (await globalThis.app.runtime).getFile(at)
      const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
      if (bytes.length !== size) return `${bytes.length} bytes`
      const wrong = bytes.findIndex((byte, index) => byte !== ((index * 31 + (index >> 8) * 17 + number) & 255))
      return wrong < 0 ? undefined : `the byte at ${wrong}`
    },
    [path, file] as const,
  )
}
