import { createServer } from 'vite'

/** Runs this repository's TypeScript in this process: `ssrLoadModule` of what it gives loads a file. Stays open for what is loaded later. */
export function loadSources() {
  return createServer({
    configFile: false,
    appType: 'custom',
    logLevel: 'warn',
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  })
}
