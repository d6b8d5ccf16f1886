import { afterEach, describe, expect, test } from 'vitest'
import { Diagnostics } from './diagnostics/diagnostics.js'
import { createLocalClient } from './local-client.js'
import { MAX_EVENT_BYTES } from './model/event.js'
import type { LiveDocument, RuntimeClient } from './runtime-client.js'
import { Runtime } from './runtime.js'
import { MemoryBlockStore } from './storage/memory/memory-block-store.js'
import { openMemoryStore } from './storage/memory/memory-store.js'
import type { StoreEntry } from './storage/store.js'
import { exchangeAll, openSpaceOf, Replica } from './testing/replicas.js'
import { SharedContent } from './testing/shared-content.js'
import { nodePlatform } from './platform/node.js'

const clients: RuntimeClient[] = []
const PATH = 'shared/tasks/1/notes'

async function devices(count: number): Promise<readonly Replica[]> {
  const replicas: Replica[] = []
  for (let index = 0; index < count; index++) replicas.push(await Replica.open(nodePlatform))
  await openSpaceOf(replicas)
  return replicas
}

function tab(replica: Replica): RuntimeClient {
  const { runtime, diagnostics } = replica
  const client = createLocalClient({ runtime, diagnostics, generation: 'test', since: 0, ownsRuntime: false })
  clients.push(client)
  return client
}

/** A device whose reads below some key, once they have been made, are held back until they are released. */
async function deviceWithSlowReads(): Promise<{ client: RuntimeClient; slow: (prefix: string) => () => void; held: () => number }> {
  let slowPrefix: string | undefined
  let released = Promise.resolve()
  let held = 0
  const { store, keys } = await openMemoryStore()
  const range = store.range.bind(store)
  store.range = async function* (asked) {
    const pages: (readonly StoreEntry[])[] = []
    for await (const page of range(asked)) pages.push(page)
    if (slowPrefix !== undefined && asked.from.startsWith(slowPrefix)) {
      held++
      await released
    }
    yield* pages
  }
  const diagnostics = new Diagnostics(() => nodePlatform.now())
  const runtime = await Runtime.open({
    ...{ store, keys, platform: nodePlatform, diagnostics },
    openBlocks: async () => new MemoryBlockStore(),
    storageFacts: async () => ({ mode: 'memory', usage: undefined, quota: undefined }),
  })
  const client = createLocalClient({ runtime, diagnostics, generation: 'test', since: 0 })
  clients.push(client)
  const slow = (prefix: string): (() => void) => {
    slowPrefix = prefix
    let release = (): void => undefined
    released = new Promise((resolve) => (release = resolve))
    return () => release()
  }
  return { client, slow, held: () => held }
}

async function shows(live: LiveDocument, text: string): Promise<void> {
  await expect.poll(() => live.text.toString()).toBe(text)
}

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
})

describe('runtime.doc', () => {
  test('two tabs of one author write at once, and the state is what both see', async () => {
    const [ada] = await devices(1)
    if (ada === undefined) throw new Error('no device')
    await tab(ada).submitEvent({ path: 'shared/tasks/1', op: 'put', value: { title: 'A', notes: '' } })
    const one = await tab(ada).doc(PATH)
    const two = await tab(ada).doc(PATH)
    expect(one.doc.clientID).not.toBe(two.doc.clientID)
    one.text.insert(0, 'left ')
    two.text.insert(0, 'right ')
    await Promise.all([one.saved(), two.saved()])
    await expect.poll(() => [one.text.toString(), two.text.length]).toEqual([two.text.toString(), 11])
    expect(await ada.value(PATH)).toBe(one.text.toString())
    expect(await ada.value('shared/tasks/1')).toMatchObject({ title: 'A' })
    await Promise.all([one.close(), two.close()])
  })

  test('an editor that opens a document while it is written for the first time takes nothing from it', async () => {
    const { client, slow, held } = await deviceWithSlowReads()
    const { id } = await client.createSpace({ name: 'Acme' })
    const release = slow('h/')
    const opening = client.doc(`${id}/tasks/1/notes`)
    await expect.poll(held).toBe(1)
    const writing = client.submitEvent({ path: `${id}/tasks/1`, op: 'put', value: { title: 'Ship it' } })
    await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, 100))])
    release()
    const [editor] = await Promise.all([opening, writing])
    await client.submitEvent({ path: `${id}/tasks/1/done`, op: 'put', value: true })
    editor.text.insert(0, 'Soon')
    await editor.saved()
    expect((await client.getState(`${id}/tasks/1`)).value).toEqual({ title: 'Ship it', done: true, notes: 'Soon' })
    await editor.close()
  })

  test('formatting crosses devices; the state is plain text', async () => {
    const [ada, ben] = await devices(2)
    if (ada === undefined || ben === undefined) throw new Error('no device')
    const one = await tab(ada).doc(PATH)
    one.text.applyDelta([{ insert: 'bold', attributes: { bold: true } }, { insert: ' plain' }])
    await one.saved()
    await exchangeAll([ada, ben], await spaceOf(ada))
    const other = await tab(ben).doc(PATH)
    expect(other.text.toDelta()).toEqual(one.text.toDelta())
    other.text.insert(0, '! ')
    await other.saved()
    await exchangeAll([ada, ben], await spaceOf(ada))
    await shows(one, '! bold plain')
    expect(await ada.value(PATH)).toBe('! bold plain')
    expect(await ben.fingerprint('shared/tasks')).toBe(await ada.fingerprint('shared/tasks'))
  })

  test('a paste that does not fit into an event is kept where storage is, and else closes the editor with what to do', async () => {
    const [ada] = await devices(1)
    if (ada === undefined) throw new Error('no device')
    const pasted = Array.from({ length: 5_000 }, (_, at) => ({
      insert: `paragraph ${at} `,
      ...(at % 2 === 0 ? { attributes: { bold: true } } : {}),
    }))
    const without = await tab(ada).doc(PATH)
    without.text.applyDelta(pasted)
    await expect(without.saved()).rejects.toMatchObject({
      code: 'EVENT_TOO_LARGE',
      message: expect.stringMatching(/keeps content.*file/) as unknown,
    })
    expect((await without.closed)?.code).toBe('EVENT_TOO_LARGE')
    expect(await ada.value(PATH)).toBeUndefined()
    const ben = await Replica.open(nodePlatform, undefined, [new SharedContent().join().provider])
    await openSpaceOf([ben])
    const [here, there] = [await tab(ben).doc(PATH), await tab(ben).doc(PATH)]
    here.text.applyDelta(pasted)
    await here.saved()
    await expect.poll(() => there.text.length).toBe(here.text.length)
    expect(there.text.toDelta()).toEqual(here.text.toDelta())
    expect((await ben.log()).at(-1)?.bodyCid?.size).toBeGreaterThan(MAX_EVENT_BYTES)
    await Promise.all([here.close(), there.close()])
  })

  test('a plain text is shown, and becomes a live one with the first edit', async () => {
    const [ada] = await devices(1)
    if (ada === undefined) throw new Error('no device')
    await tab(ada).submitEvent({ path: 'shared/tasks/1', op: 'put', value: { notes: 'old' } })
    const before = (await ada.log()).length
    const [one, two] = [await tab(ada).doc(PATH), await tab(ada).doc(PATH)]
    expect([one.text.toString(), two.text.toString()]).toEqual(['old', 'old'])
    await one.saved()
    expect((await ada.log()).length).toBe(before)
    one.text.insert(3, 'er')
    await one.saved()
    await shows(two, 'older')
    two.text.insert(5, '!')
    await two.saved()
    await shows(one, 'older!')
    expect(await ada.value(PATH)).toBe('older!')
  })

  test('what was saved is there after a restart; a burst is one event', async () => {
    const [ada] = await devices(1)
    if (ada === undefined) throw new Error('no device')
    const one = await tab(ada).doc(PATH)
    const before = (await ada.log()).length
    for (const letter of 'typing') one.text.insert(one.text.length, letter)
    await one.saved()
    expect((await ada.log()).length - before).toBe(1)
    await ada.restart()
    expect(await ada.value(PATH)).toBe('typing')
    const again = await tab(ada).doc(PATH)
    again.text.insert(6, '!')
    await again.saved()
    expect(await ada.value(PATH)).toBe('typing!')
  })

  test('editors of one field see one another, and that one has gone', async () => {
    const [ada] = await devices(1)
    if (ada === undefined) throw new Error('no device')
    const [one, two] = [await tab(ada).doc(PATH), await tab(ada).doc(PATH)]
    one.awareness.setLocalStateField('user', { name: 'Ada' })
    await expect.poll(() => two.awareness.getStates().get(one.doc.clientID)).toEqual({ user: { name: 'Ada' } })
    const before = (await ada.log()).length
    await one.close()
    await expect.poll(() => two.awareness.getStates().has(one.doc.clientID)).toBe(false)
    expect((await ada.log()).length).toBe(before)
  })

  test('what is no text of a team is refused with its reason', async () => {
    const [ada] = await devices(1)
    if (ada === undefined) throw new Error('no device')
    const client = tab(ada)
    await expect(client.doc('shared/tasks/1')).rejects.toMatchObject({ code: 'INPUT_MALFORMED' })
    await expect(client.doc('elsewhere/tasks/1/notes')).rejects.toMatchObject({ code: 'SPACE_UNKNOWN' })
    await expect(client.doc(PATH, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
    await client.submitEvent({ path: 'shared/claims/1', op: 'put', value: {}, requires: 'consensus' })
    await expect(client.doc('shared/claims/1/notes')).rejects.toMatchObject({ code: 'POLICY_MISMATCH' })
  })
})

async function spaceOf(replica: Replica): Promise<Awaited<ReturnType<Replica['runtime']['spaces']>>[number]['id']> {
  const [space] = await replica.runtime.spaces()
  if (space === undefined) throw new Error('no space')
  return space.id
}
