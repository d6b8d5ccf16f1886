import { defineConfig } from 'vite'
import { sourceAliases } from '../scripts/entries.mjs'

/** The benchmark's own page, built as an application would build it. */
export default defineConfig({
  root: new URL('./page', import.meta.url).pathname,
  base: './',
  resolve: { alias: sourceAliases() },
  worker: { format: 'es' },
  logLevel: 'warn',
  build: {
    outDir: new URL('../dist/bench', import.meta.url).pathname,
    emptyOutDir: true,
    target: 'es2022',
    rollupOptions: { input: ['index.html', 'empty.html', 'files.html'].map((file) => new URL(`./page/${file}`, import.meta.url).pathname) },
  },
})
