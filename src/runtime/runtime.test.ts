import { beforeEach, describe, expect, test } from 'vitest'
import { Diagnostics } from './diagnostics/diagnostics.js'
import { createLocalClient } from './local-client.js'
import { nodePlatform } from './platform/node.js'
import type { RuntimeClient } from './runtime-client.js'
import { Runtime } from './runtime.js'
import { MemoryBlockStore } from './storage/memory/memory-block-store.js'
import { openMemoryStore } from './storage/memory/memory-store.js'

async function openRuntime(): Promise<{ runtime: Runtime; client: RuntimeClient }> {
  const { store, keys } = await openMemoryStore()
  const diagnostics = new Diagnostics(() => nodePlatform.now())
  const runtime = await Runtime.open({
    store,
    keys,
    platform: nodePlatform,
    diagnostics,
    openBlocks: async () => new MemoryBlockStore(),
    storageFacts: async () => ({ mode: 'memory', usage: undefined, quota: undefined }),
  })
  return { runtime, client: createLocalClient({ runtime, diagnostics, generation: 'test', since: 0 }) }
}

let client: RuntimeClient

beforeEach(async () => {
  client = (await openRuntime()).client
  return async () => await client.close()
})

describe('submitting and reading', () => {
  test('an event becomes state', async () => {
    const id = await client.submitEvent({ path: 'me/tasks/1', op: 'put', value: { title: 'Ship it' } })
    const state = await client.getState('me/tasks/1')
    expect(state.value).toEqual({ title: 'Ship it' })
    expect(state.heads).toEqual([id])
    expect(state.level).toBe('local')
  })

  test('a path above documents gives nested maps', async () => {
    await client.submitEvents([
      { path: 'me/tasks/1', op: 'put', value: { title: 'one' } },
      { path: 'me/tasks/2', op: 'put', value: { title: 'two' } },
    ])
    expect((await client.getState('me/tasks')).value).toEqual({ 1: { title: 'one' }, 2: { title: 'two' } })
    expect((await client.getState('me')).value).toEqual({ tasks: { 1: { title: 'one' }, 2: { title: 'two' } } })
    expect((await client.getState('me/tasks/2/title')).value).toBe('two')
  })

  test('a refused input changes nothing, also not in the middle of a batch', async () => {
    await client.submitEvent({ path: 'me/tasks/1', op: 'put', value: { title: 'one' } })
    await expect(
      client.submitEvents([
        { path: 'me/tasks/1', op: 'patch', value: { title: 'changed' } },
        { path: 'me/tasks/1/title', op: 'add', value: 1 },
      ]),
    ).rejects.toMatchObject({ code: 'VALUE_TYPE_CLASH' })
    expect((await client.getState('me/tasks/1')).value).toEqual({ title: 'one' })
    await client.submitEvent({ path: 'me/tasks/1', op: 'patch', value: { done: true } })
    expect((await client.getState('me/tasks/1')).value).toEqual({ title: 'one', done: true })
  })

  test('in a space every operation merges as team', async () => {
    const space = await client.createSpace({ name: 'Acme', as: 'Ada' })
    const task = `${space.id}/tasks/1`
    await client.submitEvent({ path: task, op: 'put', value: { title: 'one', notes: '', votes: 1, tags: ['a'] } })
    await client.submitEvent({ path: `${task}/votes`, op: 'add', value: 2 })
    await client.submitEvent({ path: `${task}/tags`, op: 'insert', index: 1, value: 'b' })
    await client.submitEvent({ path: `${task}/notes`, op: 'text', delta: [{ insert: 'hello' }] })
    await client.submitEvent({ path: task, op: 'patch', value: { title: 'two' } })
    expect((await client.getState(task)).value).toEqual({ title: 'two', notes: 'hello', votes: 3, tags: ['a', 'b'] })
    expect(await client.members(space.id)).toMatchObject([{ name: 'Ada', founder: true }])
    expect((await client.events({ limit: 1 }))[0]).toMatchObject({ op: 'patch', path: task, seq: 5 })
  })

  test('undo takes back the last event, twice in a row two', async () => {
    for (const space of ['me', (await client.createSpace({ name: 'x' })).id]) {
      const path = `${space}/tasks/1`
      await client.submitEvent({ path, op: 'put', value: { a: 1 } })
      await client.submitEvent({ path, op: 'patch', value: { a: 2, b: 3 } })
      await Promise.all([client.undo({ under: path }), client.undo({ under: path })])
      expect((await client.getState(path)).value).toBeUndefined()
      await expect(client.undo({ under: path })).rejects.toMatchObject({ code: 'NOTHING_TO_UNDO' })
    }
  })

  test('the past can be read by event and by time', async () => {
    for (const space of ['me', (await client.createSpace({ name: 'x' })).id]) {
      const path = `${space}/tasks/1`
      const first = await client.submitEvent({ path, op: 'put', value: { a: 1 } })
      await client.submitEvent({ path, op: 'patch', value: { a: 2 } })
      expect((await client.getState(path, { at: first })).value).toEqual({ a: 1 })
      expect((await client.getState(path, { at: 1 })).value).toBeUndefined()
    }
  })
})

describe('watching', () => {
  test('the present comes first, then changes; the last is never lost', async () => {
    await client.submitEvent({ path: 'me/tasks/1', op: 'put', value: 0 })
    const seen: unknown[] = []
    const watching = (async () => {
      for await (const state of client.watchState<number>('me/tasks/1')) {
        seen.push(state.value)
        if (state.value === 20) break
      }
    })()
    for (let value = 1; value <= 20; value++) await client.submitEvent({ path: 'me/tasks/1', op: 'put', value })
    await watching
    expect(seen[0]).toBeTypeOf('number')
    expect(seen.at(-1)).toBe(20)
  })
})
