import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findProgram, peerCache } from '../binaries.js'
import type { ProgramSource } from '../programs.js'
import { buildFolder, installSource } from './install-source.js'
import { fakeTools } from './test/fake-tools.js'
import type { FakeTools } from './test/fake-tools.js'

let tools: FakeTools
beforeEach(async () => {
  tools = await fakeTools()
})
afterEach(() => tools.dispose())

const lines: string[] = []
const install = (source: ProgramSource, signal?: AbortSignal): Promise<readonly string[]> =>
  installSource(source, {
    around: tools.around,
    progress: (line) => void lines.push(line),
    ...(signal === undefined ? {} : { signal }),
  })

/** What `npm start` would find. */
const found = (): readonly string[] =>
  (['hc-dna', 'hc-app', 'ipfs'] as const).filter((program) => findProgram(program, tools.around) !== undefined)
const log = (source: ProgramSource): string => readFileSync(join(buildFolder(source, tools.around), 'build.log'), 'utf8')

test('a crate is downloaded, compared, built with its own lock and found in the cache; what was built with is gone', async () => {
  const cache = peerCache(tools.around)
  expect(await install(tools.crate)).toEqual([join(cache, 'hc-dna'), join(cache, 'hc-app')])
  expect(found()).toEqual(['hc-dna', 'hc-app'])
  const folder = buildFolder(tools.crate, tools.around)
  expect(tools.calls()).toEqual([
    'cargo info holochain_cli_bundle@0.7.1',
    `cargo install --locked --no-track --force --path ${folder}/source/holochain_cli_bundle-0.7.1 --root ${folder}/stage --bin hc-dna --bin hc-app`,
  ])
  expect(readdirSync(cache).sort()).toEqual(['.building', 'hc-app', 'hc-dna'])
  expect(readdirSync(join(cache, '.building'))).toEqual([])
  expect(lines).toContain('Compiling something v1.0.0')
})

test('a module of go’s proxy likewise', async () => {
  await install(tools.module)
  expect(found()).toEqual(['ipfs'])
  expect(tools.calls()).toEqual(['go mod download -json example.org/kubo@v0.40.1', 'go install -v -trimpath ./cmd/ipfs'])
})

describe.each(['crate', 'module'] as const)('what goes wrong with a %s', (kind) => {
  test('a registry that gives something else: both sums are told, and nothing of it is built', async () => {
    tools.behave({ registry: 'other' })
    const pinned = tools[kind].kind === 'crate' ? tools.crate.sha256 : tools.module.h1
    await expect(install(tools[kind])).rejects.toMatchObject({
      code: 'CONTENT_DAMAGED',
      context: { pinned, got: expect.not.stringMatching('nothing') },
      message: expect.stringContaining(pinned),
    })
    expect(tools.calls()).toHaveLength(1)
    expect(found()).toEqual([])
    // Once the right one comes, it goes on.
    tools.behave({ registry: 'right' })
    await install(tools[kind])
    expect(found()).not.toEqual([])
  })

  test('a registry that is away', async () => {
    tools.behave({ registry: 'away' })
    await expect(install(tools[kind])).rejects.toMatchObject({ code: 'DEVNET_FAILED', message: expect.stringMatching(/^Downloading/) })
    expect(log(tools[kind])).toContain('could not reach the registry')
  })

  test('a build that fails, half-way: its log is kept and named, and no half program is found', async () => {
    tools.behave({ build: 'fails' })
    const folder = buildFolder(tools[kind], tools.around)
    await expect(install(tools[kind])).rejects.toMatchObject({
      code: 'DEVNET_FAILED',
      message: expect.stringContaining(join(folder, 'build.log')),
    })
    expect(log(tools[kind])).toContain('could not compile')
    expect(found()).toEqual([])
    tools.behave({ build: 'works' })
    await install(tools[kind])
    expect(found()).not.toEqual([])
  })

  test('a disk that gets full while it builds', async () => {
    tools.behave({ build: 'fills the disk' })
    await expect(install(tools[kind])).rejects.toMatchObject({ code: 'STORAGE_FULL', message: expect.stringMatching(/^The disk is full/) })
    expect(found()).toEqual([])
  })

  test('a disk without the room: refused before anything is downloaded', async () => {
    await expect(install({ ...tools[kind], megabytes: 1e12 })).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    expect(tools.calls()).toEqual([])
  })

  test('a program that does not run: what was in the cache stays', async () => {
    await install(tools[kind])
    const paths = tools[kind].programs.map((program) => join(peerCache(tools.around), program))
    const before = paths.map((path) => readFileSync(path, 'utf8'))
    tools.behave({ build: 'makes half a program' })
    await expect(install(tools[kind])).rejects.toMatchObject({
      code: 'DEVNET_FAILED',
      message: expect.stringContaining('says that it is nothing at all'),
    })
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(before)
  })

  test('one that is ended: told as such, and the next one goes on in the same folder', async () => {
    tools.behave({ build: 'waits' })
    const ending = new AbortController()
    const installing = install(tools[kind], ending.signal)
    const folder = buildFolder(tools[kind], tools.around)
    await expect.poll(() => existsSync(join(folder, 'stage')), { timeout: 20_000 }).toBe(true)
    // No two build in one folder; another process would be told the same.
    writeFileSync(join(folder, 'installing.pid'), '1')
    await expect(install(tools[kind])).rejects.toMatchObject({ code: 'DEVNET_FAILED', message: expect.stringContaining('already runs') })
    ending.abort()
    await expect(installing).rejects.toMatchObject({ code: 'ABORTED' })
    expect(found()).toEqual([])
    tools.behave({ build: 'works' })
    await install(tools[kind])
    expect(found()).not.toEqual([])
  })
})

describe('without the toolchain', () => {
  test.each(['cargo', 'rustc'] as const)('no %s: which Rust is wanted, and where to get it', async (tool) => {
    tools.remove(tool)
    await expect(install(tools.crate)).rejects.toMatchObject({
      code: 'PROGRAM_MISSING',
      message: expect.stringMatching(/hc-dna and hc-app can’t be built: Rust 1\.88 or newer.*rustup/),
    })
    expect(tools.calls()).toEqual([])
  })

  test('a Rust that is too old: which one is here', async () => {
    tools.behave({ rustc: 'rustc 1.87.1 (17067e9ac 2025-05-09)' })
    await expect(install(tools.crate)).rejects.toMatchObject({
      code: 'PROGRAM_MISSING',
      message: expect.stringContaining('here are rustc 1.87.1'),
    })
    tools.behave({ rustc: 'rustc 1.88.0-nightly (17067e9ac 2025-05-09)' })
    await install(tools.crate)
    expect(found()).toEqual(['hc-dna', 'hc-app'])
  })

  test('no go, or one that is too old and may fetch no newer one', async () => {
    tools.behave({ go: 'go1.24.4' })
    await expect(install(tools.module)).rejects.toMatchObject({
      code: 'PROGRAM_MISSING',
      message: expect.stringMatching(/Go 1\.25\.0.*here is Go 1\.24\.4/),
    })
    tools.behave({ goToolchain: 'auto' })
    await install(tools.module)
    expect(found()).toEqual(['ipfs'])
    tools.remove('go')
    await expect(install(tools.module)).rejects.toMatchObject({
      code: 'PROGRAM_MISSING',
      message: expect.stringContaining('was not found'),
    })
  })
})
