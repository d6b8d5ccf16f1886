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

/** @type {(devnet: Awaited<ReturnType<DevnetModule['startDevnet']>>) => void} */
let started = () => undefined
/** @type {Promise<Awaited<ReturnType<DevnetModule['startDevnet']>>>} */
const starting = new Promise((resolve) => (started = resolve))
// Takes the next free port where the first is taken.
const server = await preview({
  logLevel: 'warn',
  preview: { port: FIRST_PORT, strictPort: false },
  plugins: [
    {
      name: 'spicetime-devnet',
      configurePreviewServer({ middlewares }) {
        middlewares.use('/spicetime-devnet.json', (_request, response) => {
          void starting.then(({ file }) => {
            response.setHeader('content-type', 'application/json').setHeader('cache-control', 'no-store')
            response.end(JSON.stringify(file))
          })
        })
      },
    },
  ],
})
const [url] = server.resolvedUrls?.local ?? []
if (url === undefined) throw new Error('The app was built, but no port from 4173 on could be opened to serve it.')
const { port } = new URL(url)
const devnet = await startDevnet({ directory: DIRECTORY, origins: ['localhost', '127.0.0.1'].map((host) => `http://${host}:${port}`) })
started(devnet)
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
