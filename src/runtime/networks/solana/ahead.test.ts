import { expect, test } from 'vitest'
import { ahead } from './ahead.js'

async function collect(items: AsyncIterable<number>, most = Infinity): Promise<readonly number[]> {
  const all: number[] = []
  for await (const item of items) {
    all.push(item)
    if (all.length >= most) break
  }
  return all
}

async function* count(to: number, log: string[], failing?: Error): AsyncIterableIterator<number> {
  try {
    for (let number = 1; number <= to; number++) {
      log.push(`made ${number}`)
      yield await Promise.resolve(number)
    }
    if (failing !== undefined) throw failing
  } finally {
    log.push('ended')
  }
}

test('gives the same items, and makes each while the one before is in use', async () => {
  const log: string[] = []
  const items = ahead(count(3, log))
  expect(await items.next()).toEqual({ value: 1, done: false })
  await Promise.resolve()
  expect(log).toEqual(['made 1', 'made 2'])
  expect(await collect(items)).toEqual([2, 3])
  expect(log).toEqual(['made 1', 'made 2', 'made 3', 'ended'])
})

test('fails where the items do, and ends them when nobody wants more', async () => {
  const failure = new Error('no more')
  await expect(collect(ahead(count(2, [], failure)))).rejects.toBe(failure)
  const log: string[] = []
  expect(await collect(ahead(count(9, log)), 2)).toEqual([1, 2])
  expect(log.at(-1)).toBe('ended')
})
