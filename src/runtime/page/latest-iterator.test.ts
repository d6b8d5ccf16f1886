import { describe, expect, test, vi } from 'vitest'
import { LatestIterator } from './latest-iterator.js'
import type { LatestSource } from './latest-iterator.js'

function setUp(options: Partial<LatestSource<number>> = {}): {
  iterator: LatestIterator<number>
  free: ReturnType<typeof vi.fn>
  start: ReturnType<typeof vi.fn>
} {
  const free = vi.fn<() => void>()
  const start = vi.fn<() => () => void>(() => free)
  return { iterator: new LatestIterator<number>({ start, ...options }), free, start }
}
const done = { done: true, value: undefined }
const value = (number: number): { done: false; value: number } => ({ done: false, value: number })

describe('LatestIterator', () => {
  test('opens its source with the first next, once', async () => {
    const { iterator, start } = setUp()
    expect(start).not.toHaveBeenCalled()
    const [first, second] = [iterator.next(), iterator.next()]
    expect(start).toHaveBeenCalledOnce()
    iterator.offer(() => 1)
    iterator.offer(() => 2)
    expect(await Promise.all([first, second])).toEqual([value(1), value(2)])
  })

  test('whoever is slow gets the newest, and values nobody takes are never made', async () => {
    const { iterator } = setUp()
    const first = iterator.next()
    iterator.offer(() => 1)
    await first
    const skipped = vi.fn<() => number>(() => 2)
    iterator.offer(skipped)
    iterator.offer(() => 3)
    expect(await iterator.next()).toEqual(value(3))
    expect(skipped).not.toHaveBeenCalled()
  })

  test('joins values that nobody took where it is told how', async () => {
    const { iterator } = setUp({ join: (held, next) => held + next })
    void iterator.next()
    for (const number of [1, 2, 3, 4]) iterator.offer(() => number)
    expect(await iterator.next()).toEqual(value(9))
  })

  test('break, return, throw and the signal free the source once', async () => {
    const broken = setUp()
    const reading = (async () => {
      for await (const number of broken.iterator) if (number === 1) break
    })()
    broken.iterator.offer(() => 1)
    await reading
    expect(broken.free).toHaveBeenCalledOnce()
    expect(await broken.iterator.return()).toEqual(done)
    expect(broken.free).toHaveBeenCalledOnce()

    const thrown = setUp()
    void thrown.iterator.next()
    await expect(thrown.iterator.throw(new Error('stop'))).rejects.toThrow('stop')
    expect(thrown.free).toHaveBeenCalledOnce()

    const stop = new AbortController()
    const aborted = setUp({ signal: stop.signal })
    const waiting = aborted.iterator.next()
    stop.abort()
    expect(await waiting).toEqual(done)
    expect(aborted.free).toHaveBeenCalledOnce()
    aborted.iterator.offer(() => 1)
    expect(await aborted.iterator.next()).toEqual(done)
  })

  test('a failure comes after what is held, once, and frees the source', async () => {
    const { iterator, free } = setUp()
    const first = iterator.next()
    iterator.offer(() => 1)
    iterator.offer(() => 2)
    iterator.fail(new Error('gone'))
    expect(free).toHaveBeenCalledOnce()
    expect(await first).toEqual(value(1))
    expect(await iterator.next()).toEqual(value(2))
    await expect(iterator.next()).rejects.toThrow('gone')
    expect(await iterator.next()).toEqual(done)
  })

  test('a failure rejects the first who waits and ends the others', async () => {
    const { iterator } = setUp()
    const [first, second] = [iterator.next(), iterator.next()]
    iterator.fail(new Error('gone'))
    await expect(first).rejects.toThrow('gone')
    expect(await second).toEqual(done)
  })

  test('a source that fails or offers while it starts is freed too', async () => {
    const free = vi.fn<() => void>()
    const failing = new LatestIterator<number>({
      start(iterator) {
        iterator.offer(() => 1)
        iterator.fail(new Error('closed'))
        return free
      },
    })
    expect(await failing.next()).toEqual(value(1))
    await expect(failing.next()).rejects.toThrow('closed')
    expect(free).toHaveBeenCalledOnce()
  })

  test('a value that can’t be made rejects and frees', async () => {
    const { iterator, free } = setUp()
    const first = iterator.next()
    iterator.offer(() => {
      throw new Error('damaged')
    })
    await expect(first).rejects.toThrow('damaged')
    expect(free).toHaveBeenCalledOnce()
  })
})
