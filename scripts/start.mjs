// `npm start`: builds the app into dist/app and serves it on this machine alone, beside networks that run here too.
import { build, createServer, preview } from 'vite'

const FIRST_PORT = 4173
/** What the networks keep over restarts. */
const DIRECTORY = '.spicetime/devnet'

/** @typedef {typeof import('../src/devnet/devnet.js')} DevnetModule */

await build({ logLevel: 'warn' })
// Runs the devnet's TypeScript in this process; it loads some of it later, so this stays open.
const sources = await createServer({
  configFile: false,
  appType: 'custom',
  logLevel: 'warn',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
})
const { startDevnet } = /** @type {DevnetModule} */ (await sources.ssrLoadModule('/src/devnet/devnet.ts'))
const devnet = await startDevnet({ directory: DIRECTORY })

// Takes the next free port where the first is taken.
const server = await preview({
  logLevel: 'warn',
  preview: { port: FIRST_PORT, strictPort: false },
  plugins: [
    {
      name: 'spicetime-devnet',
      configurePreviewServer({ middlewares }) {
        middlewares.use('/spicetime-devnet.json', (_request, response) => {
          response.setHeader('content-type', 'application/json').setHeader('cache-control', 'no-store')
          response.end(JSON.stringify(devnet.file))
        })
      },
    },
  ],
})
const [url] = server.resolvedUrls?.local ?? []
if (url === undefined) throw new Error('The app was built, but no port from 4173 on could be opened to serve it.')
for (const line of devnet.lines) console.log(line)
console.log(`SpiceTime is ready: open ${url} (Ctrl+C ends it)`)

let ending = false
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    // A second one does not wait.
    if (ending) process.exit(1)
    ending = true
    void Promise.all([server.close(), devnet.close(), sources.close()]).then(() => process.exit(0))
  })
