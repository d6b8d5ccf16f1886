import { rolldown } from 'rolldown'
import { defineConfig } from 'vite'
import type { Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import { ENTRIES, SLIM_HELIA, sourceAliases, TREESHAKE } from './scripts/entries.mjs'

/** The part of the service worker that serves files, as one classic script beside the page: the rest of it is made by a tool. */
function fileServing(): Plugin {
  return {
    name: 'file-serving',
    apply: 'build',
    async generateBundle() {
      const build = await rolldown({ input: ENTRIES['service-worker'], platform: 'browser' })
      const { output } = await build.generate({ format: 'iife', minify: true })
      await build.close()
      this.emitFile({ type: 'asset', fileName: 'spicetime-service-worker.js', source: output[0].code })
    },
  }
}

export default defineConfig({
  // Relative, so that the app works from any folder of any host.
  base: './',
  resolve: { alias: sourceAliases() },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es', plugins: () => [SLIM_HELIA], rolldownOptions: { treeshake: TREESHAKE } },
  // The worker's packages too, or vite finds them late and reloads the page.
  optimizeDeps: { entries: ['index.html', ENTRIES.worker, ENTRIES['dedicated-worker']] },
  build: { outDir: 'dist/app', emptyOutDir: true, target: 'es2022', sourcemap: true },
  server: { host: '127.0.0.1' },
  preview: { host: '127.0.0.1' },
  plugins: [
    SLIM_HELIA,
    fileServing(),
    VitePWA({
      // A new version waits until no tab runs the old one: the old one may still load its lazy chunks.
      registerType: 'prompt',
      injectRegister: 'script',
      includeManifestIcons: false,
      manifest: {
        name: 'SpiceTime',
        short_name: 'SpiceTime',
        description: 'A task board that works offline, in every tab, on the SpiceTime Runtime.',
        display: 'standalone',
        start_url: './',
        scope: './',
        background_color: '#1b1e2e',
        theme_color: '#1b1e2e',
        icons: [
          { src: 'icons/icon.svg', sizes: 'any', type: 'image/svg+xml' },
          { src: 'icons/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: 'icons/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: 'icons/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
      workbox: {
        // Files of spaces, before anything else is asked; a first visit has them too.
        importScripts: ['spicetime-service-worker.js'],
        clientsClaim: true,
        navigateFallbackDenylist: [/\/spicetime\/file\//],
        globPatterns: ['**/*.{js,css,html,svg,png,woff2}'],
        maximumFileSizeToCacheInBytes: 8 * 1024 * 1024,
        runtimeCaching: [
          {
            urlPattern: /\/spicetime-devnet\.json$/,
            handler: 'NetworkOnly',
            // With its server gone, an app that was served from this machine has no devnet, and no error to show.
            options: { plugins: [{ handlerDidError: () => Promise.resolve(new Response('{}')) }] },
          },
        ],
      },
    }),
  ],
})
