// Builds the package into dist/lib: one ES module for each subpath, a worker that needs no bundler, and declarations.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rolldown } from 'rolldown'
import { ENTRIES, SLIM } from './entries.mjs'

const OUT = 'dist/lib'
const WORKER_IN_SOURCE = "new URL('../workers/runtime.shared-worker.ts', import.meta.url)"
const WORKER_IN_PACKAGE = "new URL('./worker.js', import.meta.url)"

const manifest = /** @type {{ dependencies: Record<string, string> }} */ (JSON.parse(readFileSync('package.json', 'utf8')))
const dependencies = [...Object.keys(manifest.dependencies), 'fast-check', 'vitest']

/**
 * The package's file lies beside its worker, the source does not. Every file of dist/lib is in one folder, so that the literal holds
 * in whichever chunk it lands, and consumers' bundlers find the worker by it.
 * @type {import('rolldown').Plugin}
 */
const workerBeside = {
  name: 'worker-beside',
  transform(code) {
    return code.includes(WORKER_IN_SOURCE) ? { code: code.replace(WORKER_IN_SOURCE, WORKER_IN_PACKAGE), map: null } : null
  },
}

/**
 * @param {Record<string, string>} input
 * @param {(id: string) => boolean} external
 * @param {boolean} minify
 */
async function bundle(input, external, minify) {
  const build = await rolldown({
    input,
    external,
    plugins: [workerBeside],
    tsconfig: 'tsconfig.lib.json',
    platform: 'neutral',
    resolve: { conditionNames: ['import', 'module', 'default'], mainFields: ['module', 'main'], alias: SLIM },
    onwarn(warning) {
      throw new Error(`The package does not build cleanly: ${warning.message}`)
    },
  })
  const { output } = await build.write({
    dir: OUT,
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    sourcemap: true,
    minify,
  })
  await build.close()
  return output
}

/** @param {string} id */
const isDependency = (id) => id.startsWith('node:') || dependencies.some((name) => id === name || id.startsWith(`${name}/`))

rmSync(OUT, { recursive: true, force: true })
const { worker, ...rest } = ENTRIES
const output = await bundle(rest, isDependency, false)
// Minified, as it is whole: a bundler may serve it as it is.
await bundle({ worker }, () => false, true)
if (!output.some((file) => file.type === 'chunk' && /new URL\(["']\.\/worker\.js["'], import\.meta\.url\)/.test(file.code))) {
  throw new Error(`No file of ${OUT} starts the worker by ${WORKER_IN_PACKAGE}: does src/runtime still hold ${WORKER_IN_SOURCE}?`)
}
execFileSync('npx', ['tsc', '-p', 'tsconfig.lib.json'], { stdio: 'inherit' })
// The worker exports nothing: it is for `new SharedWorker(…)`.
writeFileSync(`${OUT}/worker.d.ts`, 'export {}\n')
