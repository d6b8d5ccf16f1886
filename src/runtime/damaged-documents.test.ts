import { describe, expect, test } from 'vitest'
import { parseSpaceId } from './model/path.js'
import { ManualPlatform } from './testing/manual-platform.js'
import { exchangeAll, openSpaceOf, Replica } from './testing/replicas.js'

/** What a store does that finds a row damaged: the row is put aside, and named. */
async function spoil(replica: Replica, key: string): Promise<void> {
  await replica.runtime.close()
  replica.disk.spoil(key)
  await replica.restart()
}

describe.each(['me', 'team', 'consensus'] as const)('a document of %s whose stored row was damaged', (kind) => {
  async function openBoth(): Promise<{ a: Replica; b: Replica; space: string; needs: { requires?: 'consensus' } }> {
    const [a, b] = [await Replica.open(new ManualPlatform()), await Replica.open(new ManualPlatform({ seed: 2 }))]
    const space = kind === 'me' ? 'me' : await openSpaceOf([a, b], kind === 'consensus' ? { tasks: 'consensus' } : {})
    return { a, b, space, needs: kind === 'consensus' ? { requires: 'consensus' } : {} }
  }

  test('has the state of its events, and the next event builds on it', async () => {
    const { a, b, space, needs } = await openBoth()
    const path = `${space}/tasks/1`
    await a.runtime.submitEvent({ path, op: 'put', value: { title: 'Ship it', n: 1 }, ...needs })
    await spoil(a, `d/${path}`)
    expect(await a.value(path)).toEqual({ title: 'Ship it', n: 1 })
    await a.runtime.submitEvent({ path, op: 'patch', value: { done: true }, ...needs })
    expect(await a.value(path)).toEqual({ title: 'Ship it', n: 1, done: true })
    if (kind !== 'me') {
      await exchangeAll([a, b], parseSpaceId(space))
      expect(await a.fingerprint(space)).toBe(await b.fingerprint(space))
    }
    await Promise.all([a.runtime.close(), b.runtime.close()])
  })

  test('is written anew in the background, so that lists have it', async () => {
    const { a, b, space, needs } = await openBoth()
    for (const name of ['1', '2']) await a.runtime.submitEvent({ path: `${space}/tasks/${name}`, op: 'put', value: { name }, ...needs })
    const before = await a.fingerprint(space)
    await spoil(a, `d/${space}/tasks/1`)
    await a.runtime.intake.settled()
    expect(a.disk.records.has(`d/${space}/tasks/1`)).toBe(true)
    expect(await a.fingerprint(space)).toBe(before)
    await Promise.all([a.runtime.close(), b.runtime.close()])
  })
})

test('a document without events stays empty in a store with damage', async () => {
  const replica = await Replica.open(new ManualPlatform())
  await spoil(replica, 'd/me/tasks/1')
  expect(await replica.value('me/tasks/1')).toBeUndefined()
  await replica.runtime.submitEvent({ path: 'me/tasks/1', op: 'put', value: 1 })
  expect(await replica.value('me/tasks/1')).toBe(1)
  await replica.runtime.close()
})
