import { beforeEach, describe, expect, test } from 'vitest'
import { Diagnostics } from './diagnostics/diagnostics.js'
import { nodePlatform } from './platform/node.js'
import { Runtime } from './runtime.js'
import type { OpenedStore } from './storage/opened-store.js'
import { MemoryBlockStore } from './storage/memory/memory-block-store.js'
import { openMemoryStore } from './storage/memory/memory-store.js'

let opened: OpenedStore

/** Another life of the runtime on the same rows: the one before died without a word. */
async function live(): Promise<Runtime> {
  return await Runtime.open({
    ...opened,
    platform: nodePlatform,
    diagnostics: new Diagnostics(() => nodePlatform.now()),
    openBlocks: async () => new MemoryBlockStore(),
    storageFacts: async () => ({ mode: 'memory', usage: undefined, quota: undefined }),
  })
}

beforeEach(async () => {
  opened = await openMemoryStore()
})

describe('a call that is sent again to the next host', () => {
  test('makes one space, and gives the same one', async () => {
    const first = await live()
    const space = await first.createSpace({ name: 'Acme', as: 'Ada', key: 'page-1' })
    const second = await live()
    expect(await second.createSpace({ name: 'Acme', as: 'Ada', key: 'page-1', again: true })).toEqual(space)
    expect(await second.createSpace({ name: 'Acme', as: 'Ada', key: 'page-1', again: true })).toEqual(space)
    expect((await second.spaces()).length).toBe(1)
    expect((await second.members(space.id)).length).toBe(1)
    expect((await second.storage()).events).toBe(1)
  })

  test('makes the space that it names, which is there already', async () => {
    const space = await (await live()).createSpace({ name: 'Acme', id: 'acme', key: 'page-1' })
    const second = await live()
    expect(await second.createSpace({ name: 'Acme', id: 'acme', key: 'page-1', again: true })).toEqual(space)
    await expect(second.createSpace({ name: 'Acme', id: 'acme', key: 'page-2' })).rejects.toMatchObject({ code: 'SPACE_TAKEN' })
  })

  test('makes the space when the first host never got to it', async () => {
    const space = await (await live()).createSpace({ name: 'Acme', key: 'page-1', again: true })
    expect((await (await live()).spaces()).map(({ id }) => id)).toEqual([space.id])
  })

  test('two calls make two spaces of one name', async () => {
    const runtime = await live()
    await runtime.createSpace({ name: 'Acme', key: 'page-1' })
    await runtime.createSpace({ name: 'Acme', key: 'page-2', again: true })
    expect((await runtime.spaces()).length).toBe(2)
  })

  test('joins a space once', async () => {
    const own = opened
    const founder = await live()
    const invite = await founder.invite((await founder.createSpace({ name: 'Acme' })).id)
    opened = await openMemoryStore()
    const space = await (await live()).joinSpace(invite, { as: 'Bob' })
    const second = await live()
    expect(await second.joinSpace(invite, { as: 'Bob' })).toEqual(space)
    expect((await second.storage()).events).toBe(1)
    expect(own).not.toBe(opened)
  })

  test('undoes once', async () => {
    const first = await live()
    for (const value of [1, 2, 3]) await first.submitEvent({ path: 'me/tasks/1', op: 'put', value })
    const id = await first.undo({ key: 'page-4' })
    const second = await live()
    expect(await second.undo({ key: 'page-4', again: true })).toBe(id)
    expect((await second.storage()).events).toBe(4)
  })

  test('says whose device it is', async () => {
    const { author } = await (await live()).storage()
    expect((await (await live()).storage()).author).toBe(author)
  })
})
