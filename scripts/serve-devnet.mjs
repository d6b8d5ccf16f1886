// Networks of this machine beside a server of the app's: what `npm start` and `npm run dev` share.
import { loadSources } from './load-sources.mjs'

/** What the networks keep over restarts. */
const DIRECTORY = '.spicetime/devnet'

/** @typedef {typeof import('../src/devnet/devnet.js')} DevnetModule */
/** @typedef {Awaited<ReturnType<DevnetModule['startDevnet']>>} Devnet */
/** @typedef {{ readonly resolvedUrls: import('vite').ResolvedServerUrls | null, close(): Promise<void> }} AppServer */

/**
 * Opens a server of the app, starts the networks for its origin, and ends both with this process. The app reads which networks there are from `/spicetime-devnet.json`.
 * @param {(plugin: import('vite').Plugin) => Promise<AppServer>} open gives the server that has the plugin, listening
 */
export async function serveWithDevnet(open) {
  const sources = await loadSources()
  const { startDevnet } = /** @type {DevnetModule} */ (await sources.ssrLoadModule('/src/devnet/devnet.ts'))
  /** @type {(devnet: Devnet) => void} */
  let started = () => undefined
  /** @type {Promise<Devnet>} */
  const starting = new Promise((resolve) => (started = resolve))
  const server = await open(answering(starting))
  const [url] = server.resolvedUrls?.local ?? []
  if (url === undefined) throw new Error('No port could be opened to serve the app. Close what listens there, and start again.')
  const { port } = new URL(url)
  const devnet = await startDevnet({ directory: DIRECTORY, origins: ['localhost', '127.0.0.1'].map((host) => `http://${host}:${port}`) })
  started(devnet)
  for (const line of devnet.lines) console.log(line)
  console.log(`SpiceTime is ready: open ${url} (Ctrl+C ends it)`)
  endWithProcess(() => Promise.all([server.close(), devnet.close(), sources.close()]))
}

/** @param {Promise<Devnet>} starting @returns {import('vite').Plugin} */
function answering(starting) {
  /** @param {{ readonly middlewares: import('vite').Connect.Server }} server */
  const answer = ({ middlewares }) =>
    void middlewares.use('/spicetime-devnet.json', (_request, response) => {
      void starting.then(({ file }) => {
        response.setHeader('content-type', 'application/json').setHeader('cache-control', 'no-store')
        response.end(JSON.stringify(file))
      })
    })
  return { name: 'spicetime-devnet', configureServer: answer, configurePreviewServer: answer }
}

/** @param {() => Promise<unknown>} close */
function endWithProcess(close) {
  let ending = false
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => {
      // A second one does not wait.
      if (ending) process.exit(1)
      ending = true
      void close().then(() => process.exit(0))
    })
}
