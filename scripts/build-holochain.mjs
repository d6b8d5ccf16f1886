// `npm run build:holochain`: compiles the zomes and packs `holochain/spicetime.happ`. Needs a Rust that knows wasm32 (rustup's target, or a distribution's
// Rust with its sources and a WebAssembly linker) and hc-dna and hc-app 0.7.1. With `--check` nothing is replaced: it fails where the build differs.
import { execFileSync } from 'node:child_process'
import { accessSync, constants, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { ARTIFACT, hashSources, HOSTILE, RECORD, sha256 } from './holochain-sources.mjs'

const ROOT = resolve('holochain')
const TARGET = 'wasm32-unknown-unknown'
const INTEGRITY = 'spicetime_integrity.wasm'
const COORDINATOR = 'spicetime_coordinator.wasm'
const HOSTILE_COORDINATOR = 'spicetime_hostile.wasm'
const LINKERS = ['rust-lld', 'wasm-ld', 'wasm-ld-22', 'wasm-ld-21', 'wasm-ld-20', 'wasm-ld-19']
const targetFolder = process.env['CARGO_TARGET_DIR'] ?? join(ROOT, 'target')

/** @param {string} name */
function find(name) {
  const named = process.env['SPICETIME_PEERS'] ?? ''
  const folders = [named, ...(process.env['PATH'] ?? '').split(delimiter), join(homedir(), '.cache/spicetime/peers')]
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/**
 * @param {string} program
 * @param {string[]} words
 */
function output(program, words) {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}

/** @typedef {{ cargo: string, words: string[], environment: Record<string, string>, sysroot: string, version: string }} Toolchain */

/** @returns {Toolchain | undefined} */
function rustupToolchain() {
  const [cargo, rustc] = [find('cargo'), find('rustc')]
  if (cargo === undefined || rustc === undefined) return undefined
  const sysroot = output(rustc, ['--print', 'sysroot'])
  if (!existsSync(join(sysroot, 'lib/rustlib', TARGET))) return undefined
  return { cargo, words: [], environment: {}, sysroot, version: output(rustc, ['--version']) }
}

/**
 * A distribution's Rust has no WebAssembly target, but the sources to make one.
 * @returns {Toolchain | undefined}
 */
function distributionToolchain() {
  const [cargo, rustc] = ['/usr/bin/cargo', '/usr/bin/rustc']
  const linker = LINKERS.map(find).find((path) => path !== undefined)
  if (!existsSync(cargo) || !existsSync(rustc) || linker === undefined) return undefined
  const sysroot = output(rustc, ['--print', 'sysroot'])
  if (!existsSync(join(sysroot, 'lib/rustlib/src/rust/library'))) return undefined
  const environment = { RUSTC: rustc, RUSTC_BOOTSTRAP: '1', CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: linker }
  return { cargo, words: ['-Zbuild-std=std,panic_abort'], environment, sysroot, version: output(rustc, ['--version']) }
}

/** @param {Toolchain} toolchain */
function compile({ cargo, words, environment, sysroot }) {
  // What panics would say must not tell where it was built.
  const cargoHome = process.env['CARGO_HOME'] ?? join(homedir(), '.cargo')
  const remapped = [`${cargoHome}=/cargo`, `${ROOT}=/holochain`, `${sysroot}=/rust`].map((pair) => `"--remap-path-prefix=${pair}"`)
  const flags = ['--config', `target.${TARGET}.rustflags=[${remapped.join(',')}]`]
  execFileSync(cargo, ['build', '--release', '--locked', '--target', TARGET, ...flags, ...words], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...environment, CARGO_TARGET_DIR: targetFolder },
  })
}

/**
 * Makes `spicetime.happ` in the folder.
 * @param {string} folder
 * @param {string} coordinator
 */
function pack(folder, coordinator) {
  const [dna, app] = [find('hc-dna'), find('hc-app')]
  if (dna === undefined || app === undefined) {
    throw new Error('hc-dna and hc-app were not found. Get them with `npm run devnet:install hc-dna hc-app`.')
  }
  const release = join(targetFolder, TARGET, 'release')
  copyFileSync(join(release, INTEGRITY), join(folder, INTEGRITY))
  copyFileSync(join(release, coordinator), join(folder, COORDINATOR))
  for (const file of ['dna.yaml', 'happ.yaml']) copyFileSync(join(ROOT, file), join(folder, file))
  execFileSync(dna, ['pack', folder], { stdio: 'ignore' })
  execFileSync(app, ['pack', folder], { stdio: 'ignore' })
  return { happ: readFileSync(join(folder, 'spicetime.happ')), dnaHash: output(dna, ['hash', join(folder, 'spicetime.dna')]) }
}

/**
 * @param {unknown} map
 * @param {string} name
 * @returns {unknown}
 */
function field(map, name) {
  return typeof map === 'object' && map !== null ? new Map(Object.entries(map)).get(name) : undefined
}

const toolchain = rustupToolchain() ?? distributionToolchain()
if (toolchain === undefined) {
  console.error(
    'No Rust here compiles to WebAssembly. Use `rustup target add wasm32-unknown-unknown`, or a distribution’s rustc with its sources and lld.',
  )
  process.exit(1)
}
compile(toolchain)
const folder = mkdtempSync(join(tmpdir(), 'spicetime-happ-'))
const hostileFolder = mkdtempSync(join(tmpdir(), 'spicetime-happ-'))
try {
  const { happ, dnaHash } = pack(folder, COORDINATOR)
  const hostile = pack(hostileFolder, HOSTILE_COORDINATOR)
  if (hostile.dnaHash !== dnaHash) throw new Error(`The hostile client has the DNA ${hostile.dnaHash}, which is not ${dnaHash}.`)
  const hashes = { sources: hashSources(ROOT), artifact: sha256(happ), hostile: sha256(hostile.happ) }
  const record = { ...hashes, dnaHash, toolchain: toolchain.version }
  if (process.argv.includes('--check')) {
    /** @type {unknown} */
    const kept = JSON.parse(readFileSync(RECORD, 'utf8'))
    console.log(JSON.stringify({ kept, built: record }, null, 2))
    // Another compiler makes other bytes of the same source; only the same one can prove anything.
    const differs =
      field(kept, 'toolchain') === record.toolchain
        ? field(kept, 'artifact') !== record.artifact
        : field(kept, 'sources') !== record.sources
    process.exitCode = differs ? 1 : 0
  } else {
    writeFileSync(ARTIFACT, happ)
    writeFileSync(HOSTILE, hostile.happ)
    writeFileSync(RECORD, `${JSON.stringify(record, null, 2)}\n`)
    console.log(`${ARTIFACT}: ${happ.length} bytes, DNA ${dnaHash}`)
  }
} finally {
  rmSync(folder, { recursive: true })
  rmSync(hostileFolder, { recursive: true })
}
