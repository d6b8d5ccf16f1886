import { expect, it } from 'vitest'
import { prefixRange } from '../storage/store.js'
import { bytes, filled, numbered, text } from './sample-bytes.js'
import { keysOf } from './store-under-test.js'
import type { StoreUnderTest } from './store-under-test.js'

export function describeReads(test: StoreUnderTest): void {
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
