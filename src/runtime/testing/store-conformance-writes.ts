import { expect, it } from 'vitest'
import { MAX_KEY_LENGTH, prefixRange } from '../storage/store.js'
import { bytes, equal, filled, numbered, text } from './sample-bytes.js'
import { codeOf, entriesOf, keysOf, settled } from './store-under-test.js'
import type { StoreUnderTest } from './store-under-test.js'

export function describeWrites(test: StoreUnderTest): void {
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
    await test.store.write([
      ['a', bytes('1')],
      ['b', bytes('1')],
    ])
    await test.store.write([
      ['a', bytes('2')],
      ['b', undefined],
      ['never-there', undefined],
    ])
    const store = await test.reopen()
    expect((await store.getMany(['a', 'b', 'never-there'])).map(text)).toEqual(['2', undefined, undefined])
    expect(await keysOf(store, { from: ' ', to: '~' })).toEqual(['a'])
  })

  it('applies the last of several changes to one key in one write', async () => {
    await test.store.write([
      ['a', bytes('1')],
      ['a', undefined],
      ['b', undefined],
      ['a', bytes('3')],
      ['b', bytes('4')],
    ])
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
      expect(
        await codeOf(
          test.store.write([
            ['fine', bytes('x')],
            [key, bytes('x')],
          ]),
        ),
      ).toBe('INPUT_MALFORMED')
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

export function describeGroupCommit(test: StoreUnderTest): void {
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
