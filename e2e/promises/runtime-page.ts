import { fileURLToPath } from 'node:url'
import { build, preview } from 'vite'
import type { InlineConfig } from 'vite'
import { sourceAliases } from '../../scripts/entries.mjs'
import { test as base } from '../fixtures/pages.js'

const config: InlineConfig = {
  configFile: false,
  root: fileURLToPath(new URL('./page', import.meta.url)),
  base: './',
  resolve: { alias: sourceAliases() },
  worker: { format: 'es' },
  logLevel: 'error',
  build: { outDir: fileURLToPath(new URL('../../dist/e2e', import.meta.url)), emptyOutDir: true, target: 'es2022' },
  preview: { port: 0, host: '127.0.0.1' },
}

/** Playwright's `test` with an application that embeds the runtime, built as one would build it. */
export const test = base.extend<object, { readonly appUrl: string }>({
  appUrl: [
    async ({}, use) => {
      await build(config)
      const server = await preview(config)
      const [url] = server.resolvedUrls?.local ?? []
      if (url === undefined) throw new Error('The embedding app could not be served.')
      await use(url)
      await server.close()
    },
    { scope: 'worker' },
  ],
})

export { expect } from '@playwright/test'
