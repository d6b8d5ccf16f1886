import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failureOf } from '../workers/test/stand-in-world.js'
import { StandInRuntime } from '../workers/test/stand-in-runtime.js'
import { Diagnostics } from './diagnostics/diagnostics.js'
import { createLocalClient } from './local-client.js'
import { nodePlatform } from './platform/node.js'
import type { RuntimeClient } from './runtime-client.js'
import { Runtime } from './runtime.js'
import { MemoryBlockStore } from './storage/memory/memory-block-store.js'
import { openMemoryStore } from './storage/memory/memory-store.js'

let runtime: Runtime
let client: RuntimeClient

beforeEach(async () => {
  const diagnostics = new Diagnostics(() => nodePlatform.now())
  const storageFacts = () => Promise.resolve({ mode: 'memory', usage: undefined, quota: undefined } as const)
  runtime = await Runtime.open({
    ...(await openMemoryStore()),
    platform: nodePlatform,
    diagnostics,
    openBlocks: async () => new MemoryBlockStore(),
    storageFacts,
  })
  client = createLocalClient({ runtime, diagnostics, generation: 'life-1', since: 0 })
})
afterEach(() => client.close())

describe('a client in the same process', () => {
  test('submits, reads and watches as over a port', async () => {
    const tree = client.watchState('me/tasks')
    expect((await tree.next()).value?.value).toBeUndefined()
    const id = await client.submitEvent({ path: 'me/tasks/1', op: 'put', value: { title: 'a' } })
    expect((await tree.next()).value?.value).toEqual({ '1': { title: 'a' } })
    expect(await client.getState('me/tasks/1')).toMatchObject({ value: { title: 'a' }, heads: [id], level: 'local' })
    expect((await client.getState('me')).value).toEqual({ tasks: { '1': { title: 'a' } } })
    await client.reached(id, 'local')
    expect(await client.trace(id)).toMatchObject({ id, standing: { kind: 'applied' } })
    expect(client.connection).toEqual({ state: 'connected', kind: 'process', generation: 'life-1', since: 0 })
    await tree.return?.()
  })

  test('diagnostics stream, those from before too', async () => {
    const id = await client.submitEvent({ path: 'me/tasks/1', op: 'put', value: 1 })
    const diagnostics = client.watchDiagnostics()
    expect(await diagnostics.next()).toMatchObject({ value: [{ number: 1, diagnostic: { kind: 'event-applied', event: id } }] })
    const next = diagnostics.next()
    const second = await client.submitEvent({ path: 'me/tasks/1', op: 'put', value: 2 })
    expect(await next).toMatchObject({ value: [{ number: 2, diagnostic: { kind: 'event-applied', event: second } }] })
    await diagnostics.return?.()
  })

  test('what was passed in may be changed at once', async () => {
    const value = { title: 'before' }
    const submitted = client.submitEvent({ path: 'me/tasks/1', op: 'put', value })
    value.title = 'after'
    await submitted
    expect((await client.getState('me/tasks/1')).value).toEqual({ title: 'before' })
  })

  test('failures are those of a page', async () => {
    const input = { path: 'me/tasks/1', op: 'put', value: () => 1 }
    expect(await failureOf(client.submitEvent(input as never))).toMatchObject({
      code: 'VALUE_NOT_ENCODABLE',
      context: { method: 'submitEvent' },
    })
    expect(await failureOf(client.getState('no path!'))).toMatchObject({ code: 'PATH_MALFORMED' })
    expect(await failureOf(client.watchState('no path!').next())).toMatchObject({ code: 'PATH_MALFORMED' })
    const stop = new AbortController()
    const waiting = failureOf(client.getState('me/tasks/1', { signal: stop.signal }))
    stop.abort()
    expect(await waiting).toMatchObject({ code: 'ABORTED' })
  })

  test('close tells what waits and closes the runtime', async () => {
    const id = await client.submitEvent({ path: 'me/tasks/1', op: 'put', value: 1, requires: 'local' })
    const states = client.watchState('me/tasks/1')
    await states.next()
    const next = states.next()
    await client.close()
    expect(await next).toEqual({ done: true, value: undefined })
    expect(await failureOf(client.trace(id))).toMatchObject({ code: 'RUNTIME_CLOSED' })
    expect(await failureOf(client.watchNetworks().next())).toMatchObject({ code: 'RUNTIME_CLOSED' })
    expect(await failureOf(runtime.getState('me/tasks/1').then((answer) => answer))).toMatchObject({ code: 'STORAGE_CLOSED' })
  })

  test('several clients may share a runtime that none of them owns', async () => {
    const shared = new StandInRuntime()
    const diagnostics = new Diagnostics(() => 0)
    const [a, b] = [0, 1].map(() => createLocalClient({ runtime: shared, diagnostics, generation: 'x', since: 0, ownsRuntime: false }))
    await a?.close()
    expect(shared.closed).toBe(false)
    const networks = b?.watchNetworks()
    expect((await networks?.next())?.value).toEqual(await b?.networks())
    const watch = b?.watchState('me/tasks/1')
    await watch?.next()
    await b?.close()
    expect(shared.watches.size).toBe(0)
  })
})
