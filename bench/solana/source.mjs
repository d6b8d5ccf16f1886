import { createServer } from 'vite'
import { sourceAliases } from '../../scripts/entries.mjs'

/**
 * Runs TypeScript from the source, in this process.
 * @template T
 * @param {string} path beside this file
 * @param {(module: any) => Promise<T>} work
 */
export async function withSource(path, work) {
  const server = await createServer({
    configFile: false,
    appType: 'custom',
    server: { middlewareMode: true, watch: null, ws: false },
    optimizeDeps: { noDiscovery: true },
    resolve: { alias: sourceAliases() },
  })
  try {
    return await work(await server.ssrLoadModule(new URL(path, import.meta.url).pathname))
  } finally {
    await server.close()
  }
}
