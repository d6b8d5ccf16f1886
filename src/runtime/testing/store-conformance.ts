import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isSpiceTimeError } from '../errors/spice-time-error.js'
import type { OpenedStore } from '../storage/opened-store.js'
import { MAX_KEY_LENGTH, prefixRange } from '../storage/store.js'
import type { KeyRange, Store, StoreEntry } from '../storage/store.js'

/** One empty database for one test, and what the suite has to do to it from outside. */
export interface StoreHarness {
  /** Opens the database with what was stored before. The suite closes what it opens. */
  open(): Promise<OpenedStore>
  /** The next commit fails, after the event loop has turned at least once, as on a full disk. */
  failNextCommit(): void
  /** Commits that were begun so far. */
  commits(): number
  /** Removes the database. */
  dispose(): Promise<void>
}

/** Everything that `Store` promises, as named behaviours; every plug runs it. */
export function runStoreConformance(name: string, setup: () => Promise<StoreHarness>): void {
  describe(`store conformance: ${name}`, () => {
    const test = new Bench(setup)
    beforeEach(() => test.begin())
    afterEach(() => test.end())
    describeReads(test)
    describeWrites(test)
    describeGroupCommit(test)
    describeFailures(test)
    describeLife(test)
    describeKeys(test)
  })
}

class Bench {
  readonly #setup: () => Promise<StoreHarness>
  #harness: StoreHarness | undefined
  #opened: OpenedStore | undefined

  constructor(setup: () => Promise<StoreHarness>) {
    this.#setup = setup
  }

  async begin(): Promise<void> {
    this.#harness = await this.#setup()
    this.#opened = await this.#harness.open()
  }

  async end(): Promise<void> {
    await this.#opened?.store.close()
    await this.#harness?.dispose()
    this.#opened = undefined
  }

  async reopen(): Promise<Store> {
    await this.store.close()
    this.#opened = await this.harness.open()
    return this.store
  }

  get harness(): StoreHarness {
    if (this.#harness === undefined) throw new Error('no harness: setup failed')
    return this.#harness
  }

  get opened(): OpenedStore {
    if (this.#opened === undefined) throw new Error('no store: open failed')
    return this.#opened
  }

  get store(): Store {
    return this.opened.store
  }
}

function describeReads(test: Bench): void {
  it('gives what was written, and undefined for what was not', async () => {
    await test.store.write([['a', bytes('one')]])
    expect(text(await test.store.get('a'))).toBe('one')
    expect(await test.store.get('b')).toBeUndefined()
    expect((await test.store.getMany(['b', 'a', 'a'])).map(text)).toEqual([undefined, 'one', 'one'])
    expect(await test.store.getMany([])).toEqual([])
  })

  it('tells an empty value from none', async () => {
    await test.store.write([['empty', new Uint8Array(0)]])
    const store = await test.reopen()
    expect((await store.get('empty'))?.byteLength).toBe(0)
    expect(await keysOf(store, prefixRange('e'))).toEqual(['empty'])
  })

  it('orders keys by code unit', async () => {
    const keys = ['a', 'B', 'a/b', 'a-b', 'a.b', 'a~', ' ', '~', 'aa', 'Z', '0', '00', 'a/', 'A/b/c%2F']
    await test.store.write(keys.map((key) => [key, bytes(key)]))
    const sorted = [...keys].sort()
    expect(await keysOf(test.store, { from: ' ', to: '\u007f' })).toEqual(sorted)
    expect(await keysOf(test.store, { from: ' ', to: '\u007f', reverse: true })).toEqual([...sorted].reverse())
  })

  it('ranges from inclusive to exclusive, both ways, with limits', async () => {
    const keys = numbered(1000)
    await test.store.write(keys.map((key) => [key, bytes(key)]))
    const store = await test.reopen()
    const part = { from: 'k/00100', to: 'k/00900' }
    const inside = keys.slice(100, 900)
    expect(await keysOf(store, part)).toEqual(inside)
    expect(await keysOf(store, { ...part, reverse: true })).toEqual([...inside].reverse())
    for (const limit of [0, 1, 2, 63, 64, 65, 799, 800, 801]) {
      expect(await keysOf(store, { ...part, limit })).toEqual(inside.slice(0, limit))
      expect(await keysOf(store, { ...part, limit, reverse: true })).toEqual([...inside].reverse().slice(0, limit))
    }
    expect(await keysOf(store, { from: 'k/00500', to: 'k/00500' })).toEqual([])
    expect(await keysOf(store, { from: 'k/00501', to: 'k/00500' })).toEqual([])
    expect(await keysOf(store, { from: 'k/004995', to: 'k/005001' })).toEqual(['k/00500'])
    expect(await keysOf(store, prefixRange('x/'))).toEqual([])
  })

  it('ranges over what is durable and what is not, removals included', async () => {
    const keys = numbered(300)
    await test.store.write(keys.map((key) => [key, bytes('old')]))
    const pending = test.store.write([
      ...keys.filter((_, at) => at % 3 === 0).map((key) => [key, undefined] as const),
      ...keys.filter((_, at) => at % 3 === 1).map((key) => [key, bytes('new')] as const),
      ['k/000005', bytes('between')],
    ])
    const expected = keys.flatMap((key, at) => [...(at % 3 === 0 ? [] : [key]), ...(at === 0 ? ['k/000005'] : [])])
    expect(await keysOf(test.store, prefixRange('k/'))).toEqual(expected)
    expect(await keysOf(test.store, { ...prefixRange('k/'), reverse: true, limit: 150 })).toEqual([...expected].reverse().slice(0, 150))
    await pending
    expect(await keysOf(test.store, prefixRange('k/'))).toEqual(expected)
    expect(text(await test.store.get('k/00001'))).toBe('new')
  })

  it('may be left in the middle of a range', async () => {
    await test.store.write(numbered(5000).map((key) => [key, bytes(key)]))
    for await (const page of test.store.range(prefixRange('k/'))) {
      expect(page[0]?.[0]).toBe('k/00000')
      break
    }
    expect(text(await test.store.get('k/00007'))).toBe('k/00007')
  })

  it('ranges 100,000 keys in pages that fit in memory', { timeout: 60_000 }, async () => {
    const keys = numbered(100_000)
    for (let at = 0; at < keys.length; at += 10_000) {
      await test.store.write(keys.slice(at, at + 10_000).map((key) => [key, filled(100, at)]))
    }
    let seen = 0
    let largest = 0
    for await (const page of test.store.range(prefixRange('k/'))) {
      expect(page[0]?.[0]).toBe(keys[seen])
      expect(page.at(-1)?.[0]).toBe(keys[seen + page.length - 1])
      seen += page.length
      largest = Math.max(largest, page.length)
    }
    expect(seen).toBe(100_000)
    expect(largest).toBeLessThan(50_000)
  })
}

function describeWrites(test: Bench): void {
  it('shows a write to every read that is called after it', async () => {
    const { store } = test
    const durable = store.write([['a', bytes('1')]])
    expect(text(await store.get('a'))).toBe('1')
    const second = store.write([['a', bytes('2')]])
    const third = store.write([['a', undefined]])
    expect(await store.get('a')).toBeUndefined()
    const fourth = store.write([['a', bytes('4')]])
    expect((await store.getMany(['a'])).map(text)).toEqual(['4'])
    await Promise.all([durable, second, third, fourth])
    expect(text(await store.get('a'))).toBe('4')
  })

  it('replaces and removes', async () => {
    await test.store.write([['a', bytes('1')], ['b', bytes('1')]])
    await test.store.write([['a', bytes('2')], ['b', undefined], ['never-there', undefined]])
    const store = await test.reopen()
    expect((await store.getMany(['a', 'b', 'never-there'])).map(text)).toEqual(['2', undefined, undefined])
    expect(await keysOf(store, { from: ' ', to: '~' })).toEqual(['a'])
  })

  it('applies the last of several changes to one key in one write', async () => {
    await test.store.write([['a', bytes('1')], ['a', undefined], ['b', undefined], ['a', bytes('3')], ['b', bytes('4')]])
    const store = await test.reopen()
    expect((await store.getMany(['a', 'b'])).map(text)).toEqual(['3', '4'])
  })

  it('keeps values up to 1 MiB as they were', async () => {
    const sizes = [1, 255, 4096, 65_535, 65_536, 200_000, 1024 * 1024]
    for (const size of sizes) await test.store.write([[`size/${String(size).padStart(8, '0')}`, filled(size, size)]])
    const store = await test.reopen()
    for (const size of sizes) expect(equal(await store.get(`size/${String(size).padStart(8, '0')}`), filled(size, size))).toBe(true)
    const read = await entriesOf(store, prefixRange('size/'))
    expect(read.map(([, value]) => value.byteLength)).toEqual(sizes)
  })

  it('writes only the bytes of a view, not the buffer behind it', async () => {
    const whole = filled(1000, 3)
    await test.store.write([['view', whole.subarray(10, 20)]])
    const store = await test.reopen()
    expect(equal(await store.get('view'), whole.slice(10, 20))).toBe(true)
  })

  it('takes keys of the longest length and refuses what is no key', async () => {
    const longest = 'k'.repeat(MAX_KEY_LENGTH)
    await test.store.write([[longest, bytes('long')]])
    for (const key of ['', `${longest}k`, 'tab\t', 'ü', '\u007f', '\u0000']) {
      expect(await codeOf(test.store.write([['fine', bytes('x')], [key, bytes('x')]]))).toBe('INPUT_MALFORMED')
    }
    const store = await test.reopen()
    expect(text(await store.get(longest))).toBe('long')
    expect(await store.get('fine')).toBeUndefined()
  })

  it('takes an empty write as: until everything before it is durable', async () => {
    await test.store.write([])
    const first = test.store.write([['a', bytes('1')]])
    await test.store.write([])
    expect(await settled(first)).toBe('fulfilled')
  })
}

function describeGroupCommit(test: Bench): void {
  it('shares commits among writers who come together', async () => {
    const before = test.harness.commits()
    await Promise.all(numbered(64).map((key) => test.store.write([[key, bytes(key)]])))
    expect(test.harness.commits() - before).toBeLessThanOrEqual(2)
    const store = await test.reopen()
    expect((await keysOf(store, prefixRange('k/'))).length).toBe(64)
  })

  it('shares commits among writers who go on writing', async () => {
    const before = test.harness.commits()
    const writer = async (name: number): Promise<void> => {
      for (let round = 0; round < 20; round++) await test.store.write([[`w/${name}/${round}`, bytes('x')]])
    }
    await Promise.all(numbered(64).map((_, name) => writer(name)))
    expect(test.harness.commits() - before).toBeLessThanOrEqual(60)
  })

  it('resolves writes in the order of their calls', async () => {
    const order: number[] = []
    const writes: Promise<unknown>[] = []
    for (let at = 0; at < 50; at++) {
      writes.push(test.store.write([['same', bytes(String(at))]]).then(() => order.push(at)))
      if (at % 7 === 0) await test.store.get('elsewhere')
    }
    await Promise.all(writes)
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(order.length).toBe(50)
    expect(text(await test.store.get('same'))).toBe('49')
  })
}

function describeFailures(test: Bench): void {
  it('rejects a write whose commit fails, keeps nothing of it, and stays usable', async () => {
    await test.store.write([['a', bytes('before')], ['b', bytes('before')]])
    test.harness.failNextCommit()
    const failing = test.store.write([['a', bytes('lost')], ['b', undefined], ['c', bytes('lost')]])
    expect(text(await test.store.get('a'))).toBe('lost')
    expect(await codeOf(failing)).toBe('STORAGE_FULL')
    expect((await test.store.getMany(['a', 'b', 'c'])).map(text)).toEqual(['before', 'before', undefined])
    expect(await keysOf(test.store, { from: ' ', to: '~' })).toEqual(['a', 'b'])
    await test.store.write([['d', bytes('after')]])
    const store = await test.reopen()
    expect((await store.getMany(['a', 'b', 'c', 'd'])).map(text)).toEqual(['before', 'before', undefined, 'after'])
  })

  it('rejects with it all later writes in flight, and goes back to what is durable', async () => {
    await test.store.write([['a', bytes('durable')]])
    test.harness.failNextCommit()
    const first = codeOf(test.store.write([['a', bytes('1')]]))
    await microtasks()
    const second = codeOf(test.store.write([['a', bytes('2')], ['b', bytes('2')]]))
    expect(text(await test.store.get('b'))).toBe('2')
    expect(await first).toBe('STORAGE_FULL')
    expect(await second).toBe('STORAGE_FULL')
    expect((await test.store.getMany(['a', 'b'])).map(text)).toEqual(['durable', undefined])
    await test.store.write([['a', bytes('3')]])
    expect(text(await (await test.reopen()).get('a'))).toBe('3')
  })
}

function describeLife(test: Bench): void {
  it('keeps everything over a reopen', async () => {
    const keys = numbered(2000)
    await test.store.write(keys.map((key, at) => [key, filled(50, at)]))
    await test.store.write(keys.filter((_, at) => at % 2 === 0).map((key) => [key, undefined]))
    let store = await test.reopen()
    store = await test.reopen()
    expect(await keysOf(store, prefixRange('k/'))).toEqual(keys.filter((_, at) => at % 2 === 1))
    expect(equal(await store.get('k/01999'), filled(50, 1999))).toBe(true)
    expect(store.damaged()).toEqual([])
  })

  it('waits on close for what is in flight', async () => {
    const writes = Promise.all(numbered(20).map((key) => test.store.write([[key, bytes(key)]])))
    const store = await test.reopen()
    await writes
    expect((await keysOf(store, prefixRange('k/'))).length).toBe(20)
  })

  it('refuses everything after close with STORAGE_CLOSED', async () => {
    const { store, keys } = test.opened
    await store.write(numbered(5000).map((key) => [key, bytes(key)]))
    await store.close()
    await store.close()
    expect(await codeOf(store.get('a'))).toBe('STORAGE_CLOSED')
    expect(await codeOf(store.getMany(['a']))).toBe('STORAGE_CLOSED')
    expect(await codeOf(store.write([['a', bytes('1')]]))).toBe('STORAGE_CLOSED')
    expect(await codeOf(keysOf(store, prefixRange('k/')))).toBe('STORAGE_CLOSED')
    expect(await codeOf(keys.get('a'))).toBe('STORAGE_CLOSED')
  })
}

function describeKeys(test: Bench): void {
  it('keeps single keys and pairs over a reopen, and replaces them', async () => {
    const pair = await makePair()
    const secret = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt'])
    await test.opened.keys.put('author', await makePair())
    await test.opened.keys.put('author', pair)
    await test.opened.keys.put('space/acme', secret)
    await test.reopen()
    const found = await test.opened.keys.get('author')
    if (found === undefined || !('privateKey' in found)) throw new Error('the pair is not there')
    const signature = await crypto.subtle.sign('Ed25519', found.privateKey, bytes('text'))
    expect(await crypto.subtle.verify('Ed25519', pair.publicKey, signature, bytes('text'))).toBe(true)
    const key = await test.opened.keys.get('space/acme')
    if (key === undefined || 'privateKey' in key) throw new Error('the key is not there')
    const iv = new Uint8Array(12)
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, secret, bytes('text'))
    expect(text(new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed)))).toBe('text')
    expect(await test.opened.keys.get('nobody')).toBeUndefined()
  })
}

async function makePair(): Promise<CryptoKeyPair> {
  const made = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])
  if (!('privateKey' in made)) throw new Error('Ed25519 gave no pair')
  return made
}

function bytes(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(value)
}

function text(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : new TextDecoder().decode(value)
}

function filled(size: number, seed: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size).map((_, at) => (at * 31 + seed * 7 + (at >> 8)) & 255)
}

function equal(left: Uint8Array | undefined, right: Uint8Array): boolean {
  return left !== undefined && left.byteLength === right.byteLength && left.every((byte, at) => byte === right[at])
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `k/${String(at).padStart(5, '0')}`)
}

async function entriesOf(store: Store, range: KeyRange): Promise<StoreEntry[]> {
  const entries: StoreEntry[] = []
  for await (const page of store.range(range)) entries.push(...page)
  return entries
}

async function keysOf(store: Store, range: KeyRange): Promise<string[]> {
  return (await entriesOf(store, range)).map(([key]) => key)
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'no error'
  } catch (error) {
    return isSpiceTimeError(error) ? error.code : String(error)
  }
}

async function settled(promise: Promise<unknown>): Promise<string> {
  return Promise.race([promise.then(() => 'fulfilled'), microtasks().then(() => 'pending')])
}

/** Long enough for a write to become a commit in flight, too short for that commit to end. */
async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}
