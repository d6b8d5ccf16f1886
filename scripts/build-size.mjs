// Bundles what each budget of .size-limit.json speaks of into dist/size.
import { rmSync } from 'node:fs'
import { rolldown } from 'rolldown'
import { ENTRIES, SLIM_HELIA, WORKER_BUNDLE } from './entries.mjs'

const OUT = 'dist/size'

/** What else a file asks for when it is added or read. */
const FILES = [
  'src/runtime/storage/indexed-db/indexed-db-block-store.ts',
  'src/runtime/file-service.ts',
  'src/runtime/crypto/file-cipher.ts',
  'src/workers/file-streams.ts',
]
/**
 * What the worker loads when it is first asked for a network.
 * @type {Record<string, readonly string[]>}
 */
const ADDED = {
  solana: ['src/runtime/networks/solana/solana-provider.ts'],
  holochain: ['src/runtime/networks/holochain/holochain-provider.ts'],
  ipfs: ['src/runtime/networks/ipfs/ipfs-provider.ts', ...FILES],
  'ipfs-peers': ['src/runtime/networks/ipfs/ipfs-provider.ts', ...FILES],
  'ipfs-pins': ['src/runtime/networks/ipfs/pin-services.ts'],
}

/**
 * @param {string} name
 * @param {RegExp} lazy modules that count only where they are loaded statically
 * @param {RegExp} [external] modules that are there already
 */
async function bundle(name, lazy, external = /^$/) {
  const build = await rolldown({
    input: { [name]: `size:${name}` },
    external,
    ...WORKER_BUNDLE,
    plugins: [
      SLIM_HELIA,
      {
        name: 'size-entry',
        resolveId: (id) => (id.startsWith('size:') ? id : null),
        // A page pays for what it uses: `connect`, not every export.
        load: (id) =>
          id === 'size:page' ? `export { connect } from '${process.cwd()}/${ENTRIES.index}'` : id.startsWith('size:') ? source(id) : null,
        resolveDynamicImport: (id) => (typeof id === 'string' && lazy.test(id) ? { id, external: true } : null),
      },
    ],
  })
  await build.write({ dir: OUT, format: 'es', minify: true, codeSplitting: false, entryFileNames: '[name].js' })
  await build.close()
}

/** @param {string} id */
function source(id) {
  const name = id.slice('size:'.length)
  const files = ADDED[name] ?? [ENTRIES[/** @type {keyof typeof ENTRIES} */ (name)]]
  return files.map((file) => `export * from '${process.cwd()}/${file}'\n`).join('')
}

rmSync(OUT, { recursive: true, force: true })
await bundle('page', /./)
// Left out: network libraries, and what is loaded when first asked for (a trace, a level, the past, what a network brings or takes back, a snapshot, the log, an undo, a fork, events that are
// merged before they are sent, sending one, a new space, another's event, an invite) or after the start (what contests another host's ownership, the inbox, what pulls, new settings and policies, what writes pages, what asks the pages of apps), files, and bodies larger than events.
await bundle(
  'worker',
  /\/networks\/(?!local\/)|^\.\/(holochain|ipfs|solana)\/|\/(inspection|reaching|reachable|past|past-folder|log-queries|own-undo|last-undoable|forks|invitations|receiving|absorbing|superseding|originals|undoable|stand-ins|replaced|rebuilding|united-events|fold-ordered|merging|attempt|space-making|admission|standings|contest|inbox-drain|sync-manager|new-network-settings|new-routing-policy|page-writer|offered-services|live-feed|live-piece|waiting-row|covered-events|taken-back|snapshot-manager|snapshot-state|event-lists?|indexed-db-block-store|file-service|file-streams|file-cipher|large-bodies|local-errors)\.js$/,
)
/** What the worker has anyway. */
const THERE =
  /^\.{1,2}\/(.*\/)?(codec|crypto|errors|model|platform|storage)\/|^idb$|^\.\/(open-database|requests|storage-failure|packed\/fence)\.js$|^\.\.\/group-commit\.js$/
// Counted apart: what a list of events loads that was missing when its anchor was read, and a page's wallet; peers; pin services.
await bundle('solana', /^\.\/(held-release|wallet-watch)\.js$/, THERE)
await bundle('holochain', /^$/, THERE)
await bundle('ipfs', /^\.\/(peers|pin-services)\.js$/, THERE)
await bundle('ipfs-peers', /^\.\/pin-services\.js$/, THERE)
await bundle('ipfs-pins', /^$/, /\.\.\/(codec|crypto|errors|model|platform|storage)\/|^(multiformats|@ipld)/)
await bundle('devtools', /^$/)
