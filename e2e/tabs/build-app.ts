import { fileURLToPath } from 'node:url'
import { build, preview } from 'vite'
import type { Plugin } from 'vite'
import { sourceAliases } from '../../scripts/entries.mjs'
import { test as base } from '../fixtures/pages.js'

/**
 * Builds of one app, side by side on one origin: the newer ones have a database whose upgrade takes its time, and another protocol; one of them
 * speaks the older one as well.
 */
export interface AppUrls {
  readonly current: string
  readonly newer: string
  readonly bridging: string
}

const HOOK = fileURLToPath(new URL('./page/worker-hook.ts', import.meta.url))
const OUT = fileURLToPath(new URL('../../dist/e2e-tabs', import.meta.url))
/** Rows that the newer build's upgrade writes: enough for some hundred milliseconds. */
const UPGRADE_ROWS = 5000

/** What the tests' builds change in a file of the product. */
type Change = readonly [file: string, from: RegExp, to: string]

const HOOKED: readonly Change[] = [
  [
    'src/workers/runtime.shared-worker.ts',
    /^serveSharedWorker\(startRuntime\)$/m,
    `import { hookWorker } from '${HOOK}'\nhookWorker(serveSharedWorker(startRuntime))`,
  ],
  [
    'src/workers/runtime.worker.ts',
    /^serveWorker\(startRuntime\)$/m,
    `import { hookWorker } from '${HOOK}'\nhookWorker(serveWorker(startRuntime))`,
  ],
]
const NEWER_DATABASE: Change = [
  'src/runtime/storage/indexed-db/schema.ts',
  /^(?=export const SCHEMA_VERSION)/m,
  `(UPGRADES as any).push((database: any) => {
    const store = database.createObjectStore('newer')
    for (let row = 0; row < ${UPGRADE_ROWS}; row++) void store.put('row', row).catch(() => undefined)
  })\n`,
]
const NEWER: readonly Change[] = [
  NEWER_DATABASE,
  ['src/workers/protocol.ts', /^export const PROTOCOL_VERSION = 1$/m, 'export const PROTOCOL_VERSION = 2'],
]
const BRIDGING: readonly Change[] = [
  NEWER_DATABASE,
  [
    'src/workers/protocol.ts',
    /^(export const PROTOCOL_VERSIONS: readonly number\[\] =) \[PROTOCOL_VERSION\]$/m,
    '$1 [PROTOCOL_VERSION, 2]',
  ],
]

/** @throws Error when the product's file no longer has what is to be changed */
function patch(changes: readonly Change[]): Plugin {
  return {
    name: 'tabs-patch',
    enforce: 'pre',
    transform(code, id) {
      const change = changes.find(([file]) => id.split('?')[0]?.endsWith(file))
      if (change === undefined) return undefined
      const [file, from, to] = change
      if (!from.test(code)) throw new Error(`${file} has nothing that fits ${String(from)}: mend e2e/tabs/build-app.ts.`)
      return code.replace(from, to)
    },
  }
}

async function buildApp(folder: keyof AppUrls, changes: readonly Change[]): Promise<void> {
  await build({
    configFile: false,
    root: fileURLToPath(new URL('./page', import.meta.url)),
    base: './',
    resolve: { alias: sourceAliases() },
    plugins: [patch(changes)],
    worker: { format: 'es', plugins: () => [patch(changes)] },
    logLevel: 'error',
    build: { outDir: `${OUT}/${folder}`, emptyOutDir: true, target: 'es2022' },
  })
}

/** Playwright's `test` with the tests' own app, built and served. */
export const test = base.extend<object, { readonly app: AppUrls }>({
  app: [
    async ({}, use) => {
      await buildApp('current', HOOKED)
      await buildApp('newer', [...HOOKED, ...NEWER])
      await buildApp('bridging', [...HOOKED, ...BRIDGING])
      const server = await preview({
        configFile: false,
        root: OUT,
        appType: 'mpa',
        logLevel: 'error',
        build: { outDir: '.' },
        preview: { port: 0, host: '127.0.0.1' },
      })
      const [url] = server.resolvedUrls?.local ?? []
      if (url === undefined) throw new Error('The tests’ app could not be served.')
      await use({ current: `${url}current/`, newer: `${url}newer/`, bridging: `${url}bridging/` })
      await server.close()
    },
    { scope: 'worker' },
  ],
})

export { expect } from '@playwright/test'
