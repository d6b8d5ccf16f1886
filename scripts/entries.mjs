/** The subpaths that the package exports, and the source of each. */
export const ENTRIES = {
  index: 'src/runtime/index.ts',
  worker: 'src/workers/runtime.shared-worker.ts',
  'dedicated-worker': 'src/workers/runtime.worker.ts',
  'service-worker': 'src/workers/service-worker.ts',
  node: 'src/runtime/node.ts',
  devtools: 'src/devtools/mount.ts',
  testing: 'src/runtime/testing/testing.ts',
}

/**
 * Yjs prints its warnings through lib0/logging, whose version for browsers brings a library for the DOM and a schema checker along: 3 kB gzip of the
 * worker.
 */
export const SLIM = { 'lib0/logging': new URL('./yjs-logging.mjs', import.meta.url).pathname }

/** What Helia's own module imports, and nobody here uses: 17 kB gzip of the worker. */
const LEFT_OUT = new Set(['@ipshipyard/keychain', './get-crypto.js', '@multiformats/dns'])

/**
 * Bundles have Helia without these parts: whoever asks for one is told so loudly.
 * @type {import('vite').Plugin}
 */
export const SLIM_HELIA = {
  name: 'slim-helia',
  // Vite finds packages itself before it asks others.
  enforce: 'pre',
  resolveId: (source, importer) =>
    LEFT_OUT.has(source) && importer?.endsWith('/helia/dist/src/helia.js') === true
      ? { id: new URL('./helia-left-out.mjs', import.meta.url).pathname, moduleSideEffects: false }
      : null,
}

/**
 * @solana/web3.js and what comes with it do not say that importing them does nothing. Of the parts that nobody uses, bundles then keep 5 kB gzip.
 * @type {{ moduleSideEffects: { test: RegExp, sideEffects: boolean }[] }}
 */
export const TREESHAKE = {
  moduleSideEffects: [
    // Helia's packages say so, what they stand on does not: 7 kB gzip.
    {
      test: /node_modules\/(helia|@helia|@libp2p|@multiformats|@chainsafe|@ipshipyard|netmask|cborg|multiformats|@ipld|it-[^/]+|uint8[^/]+)\//,
      sideEffects: false,
    },
    {
      test: /node_modules\/(@solana|@noble|bn\.js|borsh|superstruct|jayson|rpc-websockets|uuid|eventemitter3|text-encoding-utf-8)\//,
      sideEffects: false,
    },
  ],
}

/**
 * `spicetime` and its subpaths as this repository's own source, and what keeps the worker slim, for vite and vitest.
 * @returns {{ find: RegExp, replacement: string }[]}
 */
export function sourceAliases() {
  const sources = Object.entries(ENTRIES).map(([name, source]) => ({
    find: new RegExp(`^spicetime${name === 'index' ? '' : `/${name}`}$`),
    replacement: new URL(`../${source}`, import.meta.url).pathname,
  }))
  return [...sources, ...Object.entries(SLIM).map(([name, replacement]) => ({ find: new RegExp(`^${name}$`), replacement }))]
}

/** How a worker is bundled, whole, with the packages as they are made for browsers. */
export const WORKER_BUNDLE = {
  treeshake: TREESHAKE,
  tsconfig: 'tsconfig.lib.json',
  platform: /** @type {const} */ ('browser'),
  resolve: { conditionNames: ['browser', 'import', 'module', 'default'], alias: SLIM },
}
