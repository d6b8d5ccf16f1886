import { defineConfig } from 'vite'
import { sourceAliases } from '../../scripts/entries.mjs'

/** The board alone, without the devtools panel: what an application on the published package looks like. */
export default defineConfig({
  base: './',
  // In this repository `spicetime` is its own source; outside it is the package, and this line goes.
  resolve: { alias: sourceAliases() },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: { outDir: '../../dist/tasks', emptyOutDir: true, target: 'es2022' },
  server: { host: '127.0.0.1' },
  preview: { host: '127.0.0.1' },
})
