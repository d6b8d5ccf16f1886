import { test as base } from '../fixtures/pages.js'
import { servePage } from '../fixtures/served-page.js'

/** Playwright's `test` with an application that embeds the runtime, built as one would build it. */
export const test = base.extend<object, { readonly appUrl: string }>({
  appUrl: [
    async ({}, use) => {
      const { url, close } = await servePage(new URL('./page', import.meta.url), 'promises')
      await use(url)
      await close()
    },
    { scope: 'worker' },
  ],
})

export { expect } from '@playwright/test'
