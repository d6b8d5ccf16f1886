import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly to: string; readonly rule: { readonly name: string } }[]
  }
}

const root = mkdtempSync(join(tmpdir(), 'boundaries-'))
afterAll(() => rmSync(root, { recursive: true }))

const R = 'src/runtime'
/** Each line: the rule, and the import that it must refuse. */
const refused: readonly (readonly [rule: string, from: string, to: string])[] = [
  ['model', `${R}/model/a.ts`, `${R}/platform/platform.ts`],
  ['npm-none-in-model', `${R}/model/b.ts`, 'multiformats'],
  ['errors', `${R}/errors/a.ts`, `${R}/codec/event-codec.ts`],
  ['errors-types-of-model', `${R}/errors/b.ts`, `${R}/model/event.ts`],
  ['codec', `${R}/codec/a.ts`, `${R}/storage/store.ts`],
  ['crypto', `${R}/crypto/a.ts`, `${R}/storage/store.ts`],
  ['platform', `${R}/platform/a.ts`, `${R}/storage/store.ts`],
  ['diagnostics', `${R}/diagnostics/a.ts`, `${R}/events/event-processor.ts`],
  ['storage', `${R}/storage/memory/a.ts`, `${R}/state/state-manager.ts`],
  ['storage-siblings', `${R}/storage/memory/b.ts`, `${R}/storage/level/level-store.ts`],
  ['networks', `${R}/networks/local/a.ts`, `${R}/delivery/delivery-manager.ts`],
  ['networks-siblings', `${R}/networks/solana/a.ts`, `${R}/networks/local/local-provider.ts`],
  ['networks-store', `${R}/networks/solana/b.ts`, `${R}/storage/store.ts`],
  ['events', `${R}/events/a.ts`, `${R}/state/state-manager.ts`],
  ['state', `${R}/state/a.ts`, `${R}/events/waiting-room.ts`],
  ['resources', `${R}/resources/a.ts`, `${R}/delivery/delivery-manager.ts`],
  ['spaces', `${R}/spaces/a.ts`, `${R}/state/state-manager.ts`],
  ['routing', `${R}/routing/a.ts`, `${R}/platform/platform.ts`],
  ['routing-is-pure', `${R}/routing/b.ts`, `${R}/networks/provider.ts`],
  ['delivery', `${R}/delivery/a.ts`, `${R}/state/state-manager.ts`],
  ['files', `${R}/files/a.ts`, `${R}/delivery/delivery-manager.ts`],
  ['snapshots', `${R}/snapshots/a.ts`, `${R}/delivery/delivery-manager.ts`],
  ['sync', `${R}/sync/a.ts`, `${R}/delivery/delivery-manager.ts`],
  ['runtime', `${R}/runtime.ts`, `${R}/events/waiting-room.ts`],
  ['client-interface', `${R}/runtime-client.ts`, `${R}/runtime.ts`],
  ['page', `${R}/connect.ts`, `${R}/events/event-processor.ts`],
  ['node', `${R}/node.ts`, `${R}/state/state-manager.ts`],
  ['index', `${R}/index.ts`, `${R}/runtime.ts`],
  ['workers', 'src/workers/a.ts', `${R}/connect.ts`],
  ['devtools', 'src/devtools/a.ts', `${R}/events/event-processor.ts`],
  ['devtools-examples', 'src/devtools/b.ts', 'examples/tasks/src/main.ts'],
  ['examples', 'examples/tasks/src/a.ts', `${R}/model/event.ts`],
  ['devnet', 'src/devnet/a.ts', `${R}/model/event.ts`],
  ['e2e', 'e2e/a.ts', `${R}/model/event.ts`],
  ['bench', 'bench/a.ts', `${R}/model/event.ts`],
  ['testing', `${R}/events/b.ts`, `${R}/testing/testing.ts`],
  ['tests', `${R}/events/c.ts`, `${R}/events/event-processor.test.ts`],
  ['npm-ipfs', `${R}/codec/b.ts`, '@helia/http'],
  ['npm-solana', `${R}/codec/c.ts`, '@solana/web3.js'],
  ['npm-holochain', `${R}/codec/d.ts`, '@holochain/client'],
  ['npm-idb', `${R}/events/d.ts`, 'idb'],
  ['npm-level', `${R}/events/e.ts`, 'classic-level'],
  ['npm-yjs', `${R}/delivery/b.ts`, 'yjs'],
  ['npm-comlink', `${R}/state/b.ts`, 'comlink'],
  ['npm-dag-cbor', `${R}/platform/b.ts`, '@ipld/dag-cbor'],
  ['npm-preact', `${R}/codec/e.ts`, 'preact'],
  ['npm-devnet', `${R}/codec/k.ts`, 'litesvm'],
  ['npm-test-tools', `${R}/codec/f.ts`, 'vitest'],
  ['node-modules-of-node', `${R}/codec/g.ts`, 'node:fs'],
  ['no-cycles', `${R}/codec/h.ts`, `${R}/codec/i.ts`],
  ['no-unresolvable', `${R}/codec/j.ts`, './missing.js'],
]

test('each boundary refuses the import that it is there for, types included', () => {
  const sources = new Map<string, string>()
  for (const [rule, from, to] of refused) {
    if (to.startsWith('src/') || to.startsWith('examples/')) sources.set(to, sources.get(to) ?? 'export {}\n')
    else if (!to.startsWith('.') && !to.startsWith('node:')) sources.set(`node_modules/${to}/index.js`, 'export {}\n')
    const specifier = /^(src|examples)\//.test(to) ? resolve('/', to).replace('/', '../'.repeat(from.split('/').length - 1)) : to
    const typeOnly = !['routing-is-pure', 'errors-types-of-model'].includes(rule)
    sources.set(from, `import ${typeOnly ? 'type ' : ''}{ X } from '${specifier}'\nexport ${typeOnly ? 'type ' : ''}{ X }\n`)
  }
  sources.set(`${R}/codec/i.ts`, "export type { X } from './h.js'\n")
  sources.set(`${R}/codec/orphan.ts`, 'const alone = 1\n')
  for (const [path, text] of sources) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const found = cruise()
  const missed = refused.filter(([rule, from]) => !found.has(`${rule} ${from}`))
  expect(missed).toEqual([])
  expect(found).toContain(`no-orphans ${R}/codec/orphan.ts`)
})

/** Every rule of the table has a line above. */
test('no boundary is without its proof', () => {
  const names = execFileSync(process.execPath, [
    '-p',
    'JSON.stringify(require("./.dependency-cruiser.cjs").forbidden.map((rule) => rule.name))',
  ])
  const proven = new Set([...refused.map(([rule]) => rule), 'no-orphans', 'npm-declared'])
  expect((JSON.parse(names.toString()) as string[]).filter((name) => !proven.has(name))).toEqual([])
})

function cruise(): Set<string> {
  const program = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const args = [program, '-c', resolve('.dependency-cruiser.cjs'), '-T', 'json', '--no-cache', 'src', 'examples', 'e2e', 'bench']
  const report = JSON.parse(execFileSync(process.execPath, args, { cwd: root, maxBuffer: 1e8 }).toString()) as Report
  return new Set(report.summary.violations.map(({ rule, from }) => `${rule.name} ${from}`))
}
