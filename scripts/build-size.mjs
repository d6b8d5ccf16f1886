// Bundles what each budget of .size-limit.json speaks of into dist/size.
import { rmSync } from 'node:fs'
import { rolldown } from 'rolldown'
import { ENTRIES, SLIM } from './entries.mjs'

const OUT = 'dist/size'

/**
 * @param {string} name
 * @param {RegExp} lazy modules that count only where they are loaded statically
 */
async function bundle(name, lazy) {
  const build = await rolldown({
    input: { [name]: `size:${name}` },
    tsconfig: 'tsconfig.lib.json',
    platform: 'neutral',
    resolve: { conditionNames: ['import', 'module', 'default'], mainFields: ['module', 'main'], alias: SLIM },
    plugins: [
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
  const entry = ENTRIES[/** @type {keyof typeof ENTRIES} */ (id.slice('size:'.length))]
  return `export * from '${process.cwd()}/${entry}'`
}

rmSync(OUT, { recursive: true, force: true })
await bundle('page', /./)
// Left out: network libraries, and what is loaded when first asked for (a trace, the past, what a network brings, the log, an undo, a fork, an invite) or after the start (what contests
// another host's ownership, the inbox).
await bundle(
  'worker',
  /\/networks\/(?!local\/)|\/(inspection|past|log-queries|own-undo|team-undo|forks|invitations|reception|contest|inbox-drain)\.js$/,
)
await bundle('devtools', /^$/)
