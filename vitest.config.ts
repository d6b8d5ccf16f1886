import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { ENTRIES, sourceAliases } from './scripts/entries.mjs'
import { chromiumArguments, findChromium } from './scripts/find-chromium.mjs'

const folders = ['src', 'examples', 'scripts', 'bench', 'e2e']
const matching = (ending: string): string[] => folders.map((folder) => `${folder}/**/*${ending}`)

/** Looked up only when a browser test runs, so that the others need no Chromium. */
const launchOptions = {
  get executablePath(): string {
    return findChromium()
  },
  args: chromiumArguments(),
}

const BROWSER_PACKAGES = [
  ...['preact', 'preact/hooks', 'preact/jsx-runtime', 'preact/jsx-dev-runtime'],
  ...['yjs', 'lib0/encoding', 'idb', 'comlink', '@ipld/dag-cbor', 'fast-check'],
  ...['@tanstack/virtual-core', 'fractional-indexing', 'papaparse'],
]

export default defineConfig({
  resolve: { alias: sourceAliases() },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    // A bound for a hung test, not a budget: machines that run the tests are often busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A test that asserts nothing can't fail.
    expect: { requireAssertions: true },
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: [...matching('.test.ts'), ...matching('.test.tsx')],
          exclude: ['**/node_modules/**', ...matching('.browser.test.ts'), ...matching('.peer.test.ts')],
          typecheck: { enabled: true, ignoreSourceErrors: true, include: matching('.test-d.ts'), tsconfig: 'tsconfig.node.json' },
        },
      },
      {
        extends: true,
        test: { name: 'peers', environment: 'node', include: matching('.peer.test.ts'), exclude: ['**/node_modules/**'] },
      },
      {
        extends: true,
        worker: { format: 'es' },
        // The worker is no import of a test: without this its packages are found late, and vite reloads the page under a running test.
        // Named as well, since a package that is only found while a test runs would come beside its unbundled self: two Preacts share no hooks.
        optimizeDeps: {
          entries: [ENTRIES.worker, ENTRIES['dedicated-worker'], ...matching('.browser.test.ts')],
          include: BROWSER_PACKAGES,
        },
        test: {
          name: 'browser',
          include: matching('.browser.test.ts'),
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
})
