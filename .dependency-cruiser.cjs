// Who may import what: one rule for each line of the table in docs/architecture.md. Type-only imports count like any other.
const path = require('node:path')

const R = '^src/runtime/'
const TESTS = '(\\.(test|test-d)\\.tsx?$|/test/)'
/** L0: nouns and errors. */
const L0 = [`${R}model/`, `${R}errors/`]
/** L1: what every manager may use. */
const L1 = ['codec', 'crypto', 'platform', 'diagnostics'].map((room) => `${R}${room}/`)
const STORE = `${R}storage/store\\.ts$`
const BLOCKS = `${R}storage/block-store\\.ts$`
const PROVIDER = `${R}networks/(provider|content)\\.ts$`
/** The public client interface: types only. */
const CLIENT = `${R}runtime-client\\.ts$`
/** The thin client that a page loads. `connect.ts` is its door. */
const PAGE = `${R}(connect|document|page-services|shared-worker-host|elected-worker-host|in-page-host|state-view|local-client|local-files)\\.ts$|${R}page/`
/** `runtime.ts` and the parts of it that lie beside it: every file of src/runtime itself that is not of the page, of Node or public. */
const RUNTIME = `${R}(?!(index|node|runtime-client|connect|document|page-services|shared-worker-host|elected-worker-host|in-page-host|state-view|local-client|local-files)\\.)[^/]+\\.ts$`
const PUBLIC = `${R}(index|node)\\.ts$|${R}testing/testing\\.ts$|^src/devtools/mount\\.ts$|^src/workers/(runtime\\.(shared-)?worker|service-worker)\\.ts$`
/** What starts networks on loopback, for tests, benchmarks and `npm start`. */
const DEVNETS = '^src/devnet/(devnet|binaries|[^/]+/[^/]+-devnet)\\.ts$'

/** Where a benchmark runs Helia without the runtime, over the same blocks, or the storage network without an app. */
const BARE_HELIA =
  '^src/(runtime/(networks/ipfs/(helia-blocks|with-resolvers|test/device)|storage/indexed-db/indexed-db-block-store)|devnet/ipfs/with-web-socket)\\.ts$'

/** The doors of each room: other rooms import these and no other file of it. */
const DOORS = {
  // `event-applier` and `event-source` are the ports that the room's dependents implement and read through, `snapshot-source` what snapshots read.
  events: ['event-processor', 'event-applier', 'event-source', 'snapshot-source'],
  state: ['state-manager'],
  resources: ['resource-manager'],
  routing: ['network-router'],
  delivery: ['delivery-manager', 'reachable'],
  sync: ['sync-manager'],
  spaces: ['space-manager'],
  files: ['file-manager'],
  snapshots: ['snapshot-manager'],
}
const ALL_DOORS = `${R}(${Object.entries(DOORS)
  .map(([room, files]) => `${room}/(${files.join('|')})`)
  .join('|')})\\.ts$`
/** @param {keyof typeof DOORS} room */
const doors = (room) => `${R}${room}/(${DOORS[room].join('|')})\\.ts$`

/**
 * Files of `from` import, of this repository, only files of their own room and of `to`.
 * @param {string} name
 * @param {string} from
 * @param {string[]} to
 */
function only(name, from, to) {
  return {
    name,
    comment: `${name}: see the table in docs/architecture.md`,
    severity: 'error',
    from: { path: from, pathNot: TESTS },
    to: { path: '^(src|examples|e2e|bench)/', pathNot: [from, ...to] },
  }
}

/**
 * Only files of `from` import the packages.
 * @param {string} name
 * @param {string} packages
 * @param {string} from
 */
function confined(name, packages, from) {
  return {
    name,
    comment: `${packages} stays in its room`,
    severity: 'error',
    from: { path: '^(src|examples)/', pathNot: [from, TESTS] },
    to: { path: `node_modules/(${packages})/` },
  }
}

const ports = [...L0, ...L1, STORE, PROVIDER]
const wire = ['file-messages', 'page-ask', 'protocol', 'runtime-service'].map((file) => `^src/workers/${file}\\.ts$`)

const floors = [
  only('model', `${R}model/`, [`${R}errors/spice-time-error\\.ts$`]),
  only('errors', `${R}errors/`, [`${R}model/`]),
  {
    name: 'errors-types-of-model',
    comment: 'L0: of model, errors import types alone',
    severity: 'error',
    from: { path: `${R}errors/`, pathNot: TESTS },
    to: { path: `${R}model/`, dependencyTypesNot: ['type-only'] },
  },
  only('codec', `${R}codec/`, L0),
  // Keys and signatures are written as text the way that ids are; what a signature covers, the codec reads.
  only('crypto', `${R}crypto/`, [...L0, `${R}codec/event-(id|codec)\\.ts$`]),
  only('platform', `${R}platform/`, L0),
  only('diagnostics', `${R}diagnostics/`, L0),
  only('storage', `${R}storage/`, [...L0, ...L1]),
  {
    name: 'storage-siblings',
    comment: 'No storage imports another',
    severity: 'error',
    from: { path: `${R}storage/([^/]+)/`, pathNot: TESTS },
    to: { path: `${R}storage/[^/]+/`, pathNot: `${R}storage/$1/` },
  },
  only('networks', `${R}networks/`, [...L0, ...L1, STORE, BLOCKS, `${R}storage/key-store\\.ts$`]),
  {
    name: 'networks-siblings',
    comment: 'No network imports another; the registry imports each lazily',
    severity: 'error',
    from: { path: `${R}networks/([^/]+)/`, pathNot: TESTS },
    to: { path: `${R}networks/[^/]+/`, pathNot: `${R}networks/$1/` },
  },
  {
    name: 'networks-store',
    comment: 'Of the networks, only local keeps things in the store',
    severity: 'error',
    from: { path: `${R}networks/`, pathNot: [`${R}networks/local/`, TESTS] },
    to: { path: STORE },
  },
  only('events', `${R}events/`, ports),
  only('state', `${R}state/`, [...ports, doors('events')]),
  only('resources', `${R}resources/`, ports),
  only('spaces', `${R}spaces/`, ports),
  only('files', `${R}files/`, ports),
  only('routing', `${R}routing/`, [...L0, PROVIDER, doors('resources')]),
  {
    name: 'routing-is-pure',
    comment: 'Routing takes types of ports, never their values',
    severity: 'error',
    from: { path: `${R}routing/`, pathNot: TESTS },
    to: { path: [PROVIDER, doors('resources')], dependencyTypesNot: ['type-only'] },
  },
  only('delivery', `${R}delivery/`, [...ports, doors('events'), doors('routing'), doors('resources')]),
  only('sync', `${R}sync/`, [...ports, doors('events')]),
  only('snapshots', `${R}snapshots/`, [...ports, doors('events'), doors('state')]),
  only('runtime', RUNTIME, [
    ...ports,
    CLIENT,
    BLOCKS,
    `${R}storage/(key-store|lazy-blocks)\\.ts$`,
    `${R}networks/registry\\.ts$`,
    ...wire,
    ALL_DOORS,
  ]),
  only('client-interface', CLIENT, [...L0, `${R}diagnostics/`]),
  // `value-reader` reads what the worker packed without dag-cbor's own decoder, which would not fit into the page's budget.
  only('page', PAGE, [
    ...L0,
    `${R}codec/value-reader\\.ts$`,
    // How a text lies in its document is written down once; only a page that edits one loads it.
    `${R}state/merge/team-layout\\.ts$`,
    `${R}platform/`,
    `${R}diagnostics/`,
    CLIENT,
    ...wire,
    '^src/workers/(errors-handler|file-serving|inbox-rows|broadcast-port|channel|wire-port|page-host)\\.ts$',
  ]),
  only('node', `${R}node\\.ts$`, [
    ...[...L0, `${R}platform/`, `${R}diagnostics/`, CLIENT, RUNTIME],
    `${R}(local-client|storage/level/level-(store|block-store)|storage/memory/memory-store)\\.ts$`,
  ]),
  only('index', `${R}index\\.ts$`, [
    ...L0,
    `${R}diagnostics/`,
    CLIENT,
    `${R}(connect|document|page/(solana-wallet|holochain-conductor))\\.ts$`,
  ]),
  only('workers', '^src/workers/', [
    ...[...L0, `${R}platform/`, `${R}diagnostics/`, CLIENT, RUNTIME],
    // `start-runtime.ts` alone chooses the storage that the worker's runtime stands on.
    BLOCKS,
    `${R}storage/indexed-db/(indexed-db-store|indexed-db-block-store|schema)\\.ts$`,
  ]),
  only('devtools', '^src/devtools/', [PUBLIC, `${R}diagnostics/diagnostics\\.ts$`, '^examples/tasks/src/']),
  {
    name: 'devtools-examples',
    comment: 'Only the shell of the installable app mounts an example',
    severity: 'error',
    from: { path: '^src/devtools/', pathNot: '^src/devtools/shell\\.tsx?$' },
    to: { path: '^examples/' },
  },
  only('examples', '^examples/', [PUBLIC]),
  // Bytes cross between a conductor's endpoint and the runtime as text; Helia needs the same of Node wherever it runs.
  only('devnet', '^src/devnet/', [PUBLIC, `${R}errors/`, `${R}codec/base32\\.ts$`, `${R}networks/ipfs/with-resolvers\\.ts$`]),
  only('e2e', '^e2e/', [PUBLIC, DEVNETS]),
  only('bench', '^bench/', [PUBLIC, DEVNETS, BARE_HELIA]),
  {
    name: 'testing',
    comment: 'Only tests and third parties import spicetime/testing',
    severity: 'error',
    from: { path: '^(src|examples)/', pathNot: [`${R}testing/`, TESTS] },
    to: { path: `${R}testing/` },
  },
  {
    name: 'tests',
    comment: 'Nothing that ships imports a test',
    severity: 'error',
    from: { path: '^(src|examples)/', pathNot: TESTS },
    to: { path: TESTS },
  },
]

const packages = [
  confined(
    'npm-ipfs',
    'helia|@helia|libp2p|@libp2p|@multiformats|@ipld/dag-pb|ipfs-unixfs[^/]*|blockstore-[^/]+|datastore-[^/]+|interface-datastore',
    `${R}networks/ipfs/|^src/devnet/ipfs/`,
  ),
  confined('npm-solana', '@solana', `${R}networks/solana/`),
  confined('npm-holochain', '@holochain', `${R}networks/holochain/|^src/devnet/holochain/`),
  confined('npm-idb', 'idb', `${R}storage/indexed-db/`),
  confined('npm-level', 'classic-level', `${R}storage/level/`),
  confined('npm-yjs', 'yjs|y-protocols|lib0', `${R}state/merge/|${R}(state/document-cache|document|runtime-client|page/live-field)\\.ts$`),
  confined('npm-comlink', 'comlink', `${R}(connect\\.ts$|page/link\\.ts$)|^src/workers/`),
  confined(
    'npm-dag-cbor',
    '@ipld|cborg|multiformats',
    `${R}(codec|crypto|events|state|spaces|delivery|sync|networks|testing)/|^src/devnet/ipfs/`,
  ),
  confined('npm-preact', 'preact|@preact', '^(src/devtools|examples/[^/]+)/'),
  confined('npm-devnet', 'litesvm|ws', '^src/devnet/'),
  confined('npm-test-tools', 'vitest|fast-check', `${R}testing/`),
  {
    name: 'npm-none-in-model',
    comment: 'Model and errors depend on no package',
    severity: 'error',
    from: { path: L0, pathNot: TESTS },
    to: { dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg', 'npm-unknown', 'core'] },
  },
  {
    name: 'node-modules-of-node',
    comment: 'Only what runs in Node uses Node',
    severity: 'error',
    from: { path: '^(src|examples)/', pathNot: [`${R}(node\\.ts$|platform/node\\.ts$|storage/level/)`, '^src/devnet/', TESTS] },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'npm-declared',
    comment: 'Every package is in package.json',
    severity: 'error',
    from: { path: '^(src|examples/[^/]+/src)/', pathNot: TESTS },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'], dependencyTypesNot: ['npm', 'npm-dev', 'npm-peer'] },
  },
]

const shape = [
  { name: 'no-cycles', comment: 'A cycle has no floor', severity: 'error', from: { pathNot: 'node_modules' }, to: { circular: true } },
  {
    name: 'no-orphans',
    comment: 'What nothing imports is dead',
    severity: 'error',
    from: { orphan: true, path: '^(src|examples)/', pathNot: ['\\.d\\.ts$', TESTS] },
    to: {},
  },
  {
    name: 'no-unresolvable',
    comment: 'Every import leads somewhere',
    severity: 'error',
    from: { path: '^(src|examples|e2e|bench)/' },
    to: { couldNotResolve: true },
  },
]

module.exports = {
  forbidden: [...floors, ...packages, ...shape],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: path.join(__dirname, 'tsconfig.base.json') },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.d.ts', '.js', '.mjs'],
    },
  },
}
