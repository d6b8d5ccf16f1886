import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { rememberIdentity } from './identity.js'

const report = (author: string, events = 3): { author: string; events: number; mode: 'evictable' } => ({
  author,
  events,
  mode: 'evictable',
})

describe('whose device this is', () => {
  let items: Map<string, string>
  beforeEach(() => {
    items = new Map()
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
    })
  })
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  test('nothing is lost the first time, nor while the author stays', async () => {
    expect(await rememberIdentity('app').check(report('ada'))).toBeUndefined()
    expect(await rememberIdentity('app').check(report('ada', 0))).toBeUndefined()
    expect([...items]).toEqual([['spicetime/app', 'ada']])
  })

  test('an emptied device is told of by every page until it is used anew', async () => {
    await rememberIdentity('app').check(report('ada'))
    const page = rememberIdentity('app')
    expect(await page.check(report('bob', 0))).toBe('ada')
    expect(await page.check(report('bob', 5))).toBe('ada')
    items.set('spicetime/app', 'ada')
    expect(await rememberIdentity('app').check(report('bob', 0))).toBe('ada')
    expect(await rememberIdentity('app').check(report('bob', 1))).toBe('ada')
    expect(await rememberIdentity('app').check(report('bob', 1))).toBeUndefined()
    expect(await rememberIdentity('other').check(report('eve'))).toBeUndefined()
  })

  test('a page whose storage was cleared as it ran still knows', async () => {
    const page = rememberIdentity('app')
    await page.check(report('ada'))
    items.clear()
    expect(await page.check(report('bob', 0))).toBe('ada')
    expect(await rememberIdentity('app').check(report('bob', 0))).toBe('ada')
  })

  test('a page that still has the old data in mind tells, though another page has accepted the new', async () => {
    const page = rememberIdentity('app')
    await page.check(report('ada'))
    items.set('spicetime/app', 'bob')
    expect(await page.check(report('bob'))).toBe('ada')
  })

  test('a database in memory is not remembered', async () => {
    await rememberIdentity('app').check({ ...report('ada'), mode: 'memory' })
    expect(await rememberIdentity('app').check({ ...report('bob', 0), mode: 'memory' })).toBeUndefined()
  })

  test('storage that is refused does no harm', async () => {
    vi.stubGlobal('localStorage', undefined)
    const page = rememberIdentity('app')
    expect(await page.check(report('ada'))).toBeUndefined()
    expect(await page.check(report('bob'))).toBe('ada')
  })
})
