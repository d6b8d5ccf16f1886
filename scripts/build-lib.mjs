// Builds the package into dist/lib: one ES module for each subpath, a worker that needs no bundler, and declarations.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rolldown } from 'rolldown'
import { ENTRIES, SLIM, SLIM_HELIA, TREESHAKE, WORKER_BUNDLE } from './entries.mjs'

const OUT = 'dist/lib'
/**
 * How the page starts each worker: in the source, and in the package.
 * @type {readonly (readonly [string, string])[]}
 */
const WORKERS = [
  ["new URL('../workers/runtime.shared-worker.ts', import.meta.url)", "new URL('./worker.js', import.meta.url)"],
  ["new URL('../workers/runtime.worker.ts', import.meta.url)", "new URL('./dedicated-worker.js', import.meta.url)"],
]

const manifest = /** @type {{ dependencies: Record<string, string> }} */ (JSON.parse(readFileSync('package.json', 'utf8')))
const dependencies = [...Object.keys(manifest.dependencies), 'fast-check', 'vitest']

/**
 * The package's file lies beside its workers, the source does not. Every file of dist/lib is in one folder, so that the literal holds
 * in whichever chunk it lands, and consumers' bundlers find the worker by it.
 * @type {import('rolldown').Plugin}
 */
const workerBeside = {
  name: 'worker-beside',
  transform(code) {
    const moved = WORKERS.reduce((text, [inSource, inPackage]) => text.replaceAll(inSource, inPackage), code)
    return moved === code ? null : { code: moved, map: null }
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
    treeshake: TREESHAKE,
    plugins: [workerBeside, SLIM_HELIA],
    tsconfig: 'tsconfig.lib.json',
    // What is left to a consumer's bundler is resolved there.
    ...(minify
      ? WORKER_BUNDLE
      : { platform: 'neutral', resolve: { conditionNames: ['import', 'module', 'default'], mainFields: ['module', 'main'], alias: SLIM } }),
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
const { worker, 'dedicated-worker': dedicated, 'service-worker': serviceWorker, ...rest } = ENTRIES
const output = await bundle(rest, isDependency, false)
// Minified, as they are whole: a bundler may serve them as they are. Each for itself, so that each needs no other file to start.
await bundle({ worker }, () => false, true)
await bundle({ 'dedicated-worker': dedicated }, () => false, true)
await bundle({ 'service-worker': serviceWorker }, () => false, true)
for (const [inSource, inPackage] of WORKERS) {
  const started = new RegExp(inPackage.replaceAll(/[.()/]/g, '\\$&').replaceAll("'", `["']`))
  if (!output.some((file) => file.type === 'chunk' && started.test(file.code)))
    throw new Error(`No file of ${OUT} starts a worker by ${inPackage}: does src/runtime still hold ${inSource}?`)
}
execFileSync('npx', ['tsc', '-p', 'tsconfig.lib.json'], { stdio: 'inherit' })
// The workers export nothing: they are for `new SharedWorker(…)` and `new Worker(…)`.
for (const name of ['worker', 'dedicated-worker', 'service-worker']) writeFileSync(`${OUT}/${name}.d.ts`, 'export {}\n')
