import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { Surroundings } from '../../binaries.js'
import type { CrateSource, GoSource } from '../../programs.js'
import { moduleSum } from '../go-source.js'

/** How the fake cargo and go behave. */
export interface Behaviour {
  readonly cargo: string
  readonly rustc: string
  readonly go: string
  readonly goToolchain: string
  /** What the registry hands out as the package: its right content, or another. */
  readonly registry: 'right' | 'other' | 'away'
  readonly build: 'works' | 'fails' | 'fills the disk' | 'waits' | 'makes half a program'
}

const WORKS: Behaviour = {
  cargo: 'cargo 1.95.0 (f2d3ce0bd 2026-03-21)',
  rustc: 'rustc 1.95.0 (59807616e 2026-04-14)',
  go: 'go1.26.8',
  goToolchain: 'local',
  registry: 'right',
  build: 'works',
}

/** A machine with a home, a cargo, a rustc and a go that build nothing, and a registry of one package for each. */
export interface FakeTools {
  readonly around: Surroundings
  readonly crate: CrateSource
  readonly module: GoSource
  behave(behaviour: Partial<Behaviour>): void
  /** The arguments of each run of a tool that could change anything. */
  calls(): readonly string[]
  remove(tool: 'cargo' | 'rustc' | 'go'): void
  dispose(): void
}

export async function fakeTools(): Promise<FakeTools> {
  const root = mkdtempSync(join(tmpdir(), 'spicetime-tools-'))
  const [home, path, registry] = ['home', 'bin', 'registry'].map((name) => join(root, name)) as [string, string, string]
  for (const folder of [home, path, registry]) mkdirSync(folder)
  pack(registry, 'right', 'fn main() {}')
  pack(registry, 'other', 'fn main() { panic!() }')
  const module = join(registry, 'module', 'right')
  for (const [kind, text] of [
    ['right', 'package main'],
    ['other', 'package other'],
  ] as const) {
    mkdirSync(join(registry, 'module', kind, 'cmd', 'ipfs'), { recursive: true })
    writeFileSync(join(registry, 'module', kind, 'cmd', 'ipfs', 'main.go'), text)
  }
  linkSystemTools(path)
  for (const tool of ['cargo', 'rustc', 'go'] as const) writeTool(path, tool, root)
  let behaviour = WORKS
  const write = (): void => writeFileSync(join(root, 'behaviour.json'), JSON.stringify(behaviour))
  write()
  const common = { needs: 'nothing', minutes: 1, megabytes: 1 }
  return {
    around: { environment: { PATH: path, HOME: home }, home },
    crate: {
      ...common,
      ...{ kind: 'crate', name: 'holochain_cli_bundle', version: '0.7.1', rust: '1.88', programs: ['hc-dna', 'hc-app'] },
      sha256: createHash('sha256')
        .update(readFileSync(join(registry, 'right.crate')))
        .digest('hex'),
    },
    module: {
      ...common,
      ...{ kind: 'go', name: 'example.org/kubo', version: '0.40.1', go: '1.25.0', main: 'cmd/ipfs', programs: ['ipfs'] },
      h1: await moduleSum(module, 'example.org/kubo@v0.40.1'),
    },
    behave: (changed) => {
      behaviour = { ...behaviour, ...changed }
      write()
    },
    calls: () => (existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').trim().split('\n') : []),
    remove: (tool) => rmSync(join(path, tool)),
    dispose: () => rmSync(root, { recursive: true }),
  }
}

/** As `cargo package` does: one folder, named after the package and its version. */
function pack(registry: string, kind: string, text: string): void {
  const folder = join(registry, kind, 'holochain_cli_bundle-0.7.1')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'main.rs'), text)
  execFileSync('tar', ['-czf', join(registry, `${kind}.crate`), '-C', dirname(folder), 'holochain_cli_bundle-0.7.1'])
}

/** Of this machine's own programs, only these: a real cargo or go is not found once a fake is removed. */
function linkSystemTools(path: string): void {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  for (const tool of ['tar', 'gzip']) {
    const real = folders.map((folder) => join(folder, tool)).find((file) => existsSync(file))
    if (real !== undefined) symlinkSync(real, join(path, tool))
  }
}

function writeTool(path: string, tool: string, root: string): void {
  const file = join(path, tool)
  writeFileSync(file, `#!${process.execPath}\n(${runTool.toString()})(${JSON.stringify(tool)}, ${JSON.stringify(root)})\n`)
  chmodSync(file, 0o755)
}

/** The tool itself: written into a file, so it may use nothing of this module. */
function runTool(tool: string, root: string): void {
  const {
    appendFileSync,
    copyFileSync,
    mkdirSync: makeFolder,
    readFileSync: read,
    writeFileSync: put,
  } = process.getBuiltinModule('node:fs')
  const behaviour: Behaviour = JSON.parse(read(`${root}/behaviour.json`, 'utf8'))
  const words = process.argv.slice(2)
  const after = (word: string): string => words[words.indexOf(word) + 1] ?? ''
  const fail = (message: string): void => {
    console.error(message)
    process.exitCode = 101
  }
  const build = (folder: string, programs: readonly string[], version: string): void => {
    makeFolder(folder, { recursive: true })
    console.error('Compiling something v1.0.0')
    for (const program of programs) {
      // As a linker does: the file is there before it is whole.
      put(`${folder}/${program}`, 'half', { mode: 0o755 })
      if (behaviour.build === 'fails') return fail('error: could not compile `something`')
      if (behaviour.build === 'fills the disk') return fail('error: No space left on device (os error 28)')
      if (behaviour.build === 'waits') return void setInterval(() => undefined, 1000)
      if (behaviour.build === 'works') put(`${folder}/${program}`, `#!/bin/sh\necho ${program} ${version}\n`)
    }
  }
  if (words[0] === '--version') return console.log(tool === 'cargo' ? behaviour.cargo : behaviour.rustc)
  if (words[0] === 'env') return console.log(words[1] === 'GOVERSION' ? behaviour.go : behaviour.goToolchain)
  appendFileSync(`${root}/calls`, `${tool} ${words.join(' ')}\n`)
  if (words[0] === 'install') {
    if (tool === 'go') return build(process.env['GOBIN'] ?? '', ['ipfs'], '0.40.1')
    return build(
      `${after('--root')}/bin`,
      words.filter((_, index) => words[index - 1] === '--bin'),
      '0.7.1',
    )
  }
  if (behaviour.registry === 'away') return fail('error: could not reach the registry')
  if (tool === 'go') return console.log(JSON.stringify({ Dir: `${root}/registry/module/${behaviour.registry}` }))
  const cache = `${root}/home/.cargo/registry/cache/index.example.org-0123456789abcdef`
  makeFolder(cache, { recursive: true })
  copyFileSync(`${root}/registry/${behaviour.registry}.crate`, `${cache}/${(words[1] ?? '').replace('@', '-')}.crate`)
}
