// `npm run devnet:install`: builds programs of the networks into the cache in which `npm start` looks.
import { loadSources } from './load-sources.mjs'

/** @typedef {typeof import('../src/devnet/install/install-command.js')} InstallModule */

const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => ending.abort())
const sources = await loadSources()
try {
  const { runInstallCommand, commandSurroundings } = /** @type {InstallModule} */ (
    await sources.ssrLoadModule('/src/devnet/install/install-command.ts')
  )
  process.exitCode = await runInstallCommand(process.argv.slice(2), commandSurroundings(ending.signal))
} finally {
  await sources.close()
}
