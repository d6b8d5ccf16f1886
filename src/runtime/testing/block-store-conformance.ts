import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toBase32 } from '../codec/base32.js'
import type { BlockInfo, BlockStore, NamedBlock } from '../storage/block-store.js'
import { codeOf } from './store-under-test.js'

/** One place for blocks, for one test. */
export interface BlockStoreHarness {
  /** Opens it with what was stored before. The suite closes what it opens. */
  open(): Promise<BlockStore>
  dispose(): Promise<void>
}

/** Everything that `BlockStore` promises, as named behaviours; every plug runs it. */
export function runBlockStoreConformance(name: string, setup: () => Promise<BlockStoreHarness>): void {
  describe(`block store conformance: ${name}`, () => {
    const bench = new Bench(setup)
    beforeEach(() => bench.begin())
    afterEach(() => bench.end())
    describeBlocks(bench)
    describeLife(bench)
  })
}

class Bench {
  readonly #setup: () => Promise<BlockStoreHarness>
  #harness: BlockStoreHarness | undefined
  #store: BlockStore | undefined

  constructor(setup: () => Promise<BlockStoreHarness>) {
    this.#setup = setup
  }

  async begin(): Promise<void> {
    this.#harness = await this.#setup()
    this.#store = await this.#harness.open()
  }

  async end(): Promise<void> {
    await this.#store?.close()
    await this.#harness?.dispose()
  }

  async reopen(): Promise<void> {
    await this.store.close()
    this.#store = await this.#harness?.open()
  }

  get store(): BlockStore {
    return this.#store ?? expect.fail('no store: setup failed')
  }
}

function describeBlocks(bench: Bench): void {
  it('gives back what was put, byte for byte, of any size', async () => {
    const blocks = await Promise.all([0, 1, 255, 65_536, 262_144, 1_048_576].map(block))
    await bench.store.put(blocks)
    for (const [name, bytes] of blocks) {
      expect(await bench.store.has(name)).toBe(true)
      expect(same(await bench.store.get(name), bytes)).toBe(true)
    }
  })

  it('knows nothing of what was not put', async () => {
    const [name] = await block(3)
    expect(await bench.store.has(name)).toBe(false)
    expect(await bench.store.get(name)).toBeUndefined()
    // Names that begin alike are others.
    await bench.store.put([[`${name}a`, new Uint8Array([1])]])
    expect(await bench.store.has(name)).toBe(false)
  })

  it('takes a block that is there already, and keeps one', async () => {
    const [one, two] = await Promise.all([block(10), block(20)])
    await bench.store.put([one])
    await bench.store.put([one, two])
    await bench.store.put([])
    expect((await all(bench.store)).toSorted(byName)).toEqual([infoOf(one), infoOf(two)].toSorted(byName))
  })

  it('deletes what it is told to, there or not, and nothing else', async () => {
    const blocks = await Promise.all([1, 2, 3].map(block))
    await bench.store.put(blocks)
    const [one, two, three] = blocks.map(([name]) => name)
    await bench.store.delete([one ?? '', three ?? '', 'nothing'])
    await bench.store.delete([])
    expect((await all(bench.store)).map(({ name }) => name)).toEqual([two])
    expect(await bench.store.get(one ?? '')).toBeUndefined()
  })

  it('lists every block with its size, over many pages', async () => {
    const blocks = await Promise.all(Array.from({ length: 2500 }, (_, size) => block(size % 40, size)))
    for (let at = 0; at < blocks.length; at += 500) await bench.store.put(blocks.slice(at, at + 500))
    expect((await all(bench.store)).toSorted(byName)).toEqual(blocks.map(infoOf).toSorted(byName))
  })

  it('has all of many writers, at once', async () => {
    const blocks = await Promise.all(Array.from({ length: 60 }, (_, size) => block(5000, size)))
    await Promise.all(blocks.map((one, at) => bench.store.put([one, blocks[(at * 7) % 60] ?? one])))
    expect((await all(bench.store)).length).toBe(60)
  })
}

function describeLife(bench: Bench): void {
  it('has after closing and opening what it had', async () => {
    const [name, bytes] = await block(70_000)
    await bench.store.put([[name, bytes]])
    await bench.reopen()
    expect(same(await bench.store.get(name), bytes)).toBe(true)
    await bench.store.delete([name])
    await bench.reopen()
    expect(await bench.store.has(name)).toBe(false)
  })

  it('lets a write in flight finish when it is closed', async () => {
    const [name, bytes] = await block(300_000)
    const writing = bench.store.put([[name, bytes]])
    await bench.reopen()
    await writing
    expect(await bench.store.has(name)).toBe(true)
  })

  it('refuses everything once closed', async () => {
    const one = await block(1)
    await bench.store.close()
    await bench.store.close()
    const calls = [bench.store.get('a'), bench.store.has('a'), bench.store.put([one]), bench.store.delete(['a']), all(bench.store)]
    expect(await Promise.all(calls.map(codeOf))).toEqual(calls.map(() => 'STORAGE_CLOSED'))
  })
}

/** A block of that many bytes, named as the product names them. */
async function block(size: number, salt = 0): Promise<NamedBlock> {
  const bytes = new Uint8Array(size + 4)
  for (let at = 0; at < size; at++) bytes[at] = (at * 31 + salt) & 255
  new DataView(bytes.buffer).setUint32(size, salt)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return [toBase32(new Uint8Array([0x12, 0x20, ...digest])), bytes]
}

async function all(store: BlockStore): Promise<BlockInfo[]> {
  const found: BlockInfo[] = []
  for await (const page of store.list()) found.push(...page)
  return found
}

function infoOf([name, bytes]: NamedBlock): BlockInfo {
  return { name, bytes: bytes.byteLength }
}

function byName(a: BlockInfo, b: BlockInfo): number {
  return a.name < b.name ? -1 : 1
}

function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, at) => byte === b[at])
}
