import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { build as viteBuild } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodePlatform } from '../src/runtime/platform/node.js'
import { MemoryBlockStore } from '../src/runtime/storage/memory/memory-block-store.js'
import type * as Bundled from '../src/runtime/networks/ipfs/helia-node.js'
import type * as Sources from '../src/runtime/networks/ipfs/block-sources.js'
import type * as Ids from '../src/runtime/networks/ipfs/content-id.js'
import { SLIM_HELIA, WORKER_BUNDLE } from './entries.mjs'

const folder = mkdtempSync(join(tmpdir(), 'spicetime-slim-'))
const file = join(folder, 'slim.js')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let slim: typeof Bundled & typeof Sources & typeof Ids

/** As the package's workers are bundled. */
beforeAll(async () => {
  const names = ['helia-node', 'block-sources', 'content-id']
  const build = await rolldown({
    input: 'slim',
    ...WORKER_BUNDLE,
    plugins: [
      SLIM_HELIA,
      {
        name: 'slim-entry',
        resolveId: (id) => (id === 'slim' ? id : null),
        load: (id) =>
          id === 'slim' ? names.map((name) => `export * from '${resolve('src/runtime/networks/ipfs', name)}.ts'\n`).join('') : null,
      },
    ],
  })
  await build.write({ file, format: 'es', codeSplitting: false })
  await build.close()
  slim = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as typeof slim
})

async function open(): Promise<Bundled.HeliaNode> {
  const sources = new slim.BlockSources({ platform: nodePlatform, ranks: () => [], deadline: 1_000 })
  return await slim.HeliaNode.open(new MemoryBlockStore(new Map()), { sources, announce: () => Promise.resolve() })
}

test('Helia stores and reads without what bundles leave out', async () => {
  const node = await open()
  const bytes = new TextEncoder().encode('kept')
  const cid = await slim.cidOf(slim.RAW, bytes)
  await node.put({ cid, bytes })
  expect(await node.load(cid, undefined)).toEqual(bytes)
  await node.close()
})

test('who asks for what is left out is told so, loudly', async () => {
  const { helia } = await open()
  expect(() => helia.keychain.listKeys()).toThrow("Helia's keychain is left out of SpiceTime's bundles, and listKeys was asked of it")
  expect(() => helia.dns.query('example.com')).toThrow("Helia's DNS is left out of SpiceTime's bundles, and query was asked of it")
  await expect(helia.getCrypto('Ed25519')).rejects.toThrow("Helia's cryptography is left out of SpiceTime's bundles, and Ed25519 was asked")
})

test('Helia still imports them by these names, and nothing of them is in the bundle', () => {
  const code = readFileSync(file, 'utf8')
  expect(code).toContain('node_modules/helia/')
  for (const left of ['keychain', 'cryptography', 'DNS']) expect(code).toContain(`"${left}"`)
  for (const part of ['@ipshipyard/', '@multiformats/dns', 'protons-runtime']) expect(code).not.toContain(`node_modules/${part}`)
})

test('the app, which Vite bundles, leaves them out too', async () => {
  const output = join(folder, 'app')
  await viteBuild({
    configFile: false,
    logLevel: 'warn',
    plugins: [SLIM_HELIA],
    build: {
      lib: { entry: resolve('src/runtime/networks/ipfs/helia-node.ts'), formats: ['es'], fileName: 'helia' },
      outDir: output,
      minify: false,
    },
  })
  const code = readFileSync(join(output, 'helia.js'), 'utf8')
  expect(code).toContain("is left out of SpiceTime's bundles")
  expect(code).not.toContain('PBKDF2')
})
