import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import type { DiagnosticEntry } from '../runtime/diagnostics/diagnostics.js'
import { parsePath } from '../runtime/model/path.js'
import type { State } from '../runtime/model/state.js'
import { PROTOCOL_VERSION } from './protocol.js'
import { failureOf, put, refusingWorker, silentWorker, StandInWorld, until } from './test/stand-in-world.js'
import type { StartRuntime } from './runtime-service.js'
import { StandInRuntime } from './test/stand-in-runtime.js'

let world: StandInWorld
beforeEach(() => {
  world = new StandInWorld()
})
afterEach(() => world.close())

describe('calls', () => {
  test('an event submitted by one page is read by another', async () => {
    const [a, b] = [await world.page(), await world.page()]
    expect(await a.client.submitEvent(put('me/tasks/1', 7))).toBe('event-2')
    expect((await b.client.getState('me/tasks/1')).value).toBe(7)
    expect((await b.client.getState('me')).value).toEqual({ tasks: { '1': 7 } })
    expect((await b.client.getState('me/tasks')).value).toEqual({ '1': 7 })
    expect((await b.client.getState('me/nothing')).value).toBeUndefined()
  })

  test('10,000 events cross in one message with one key, 64 calls at once each with their own', async () => {
    const { client } = await world.page()
    const many = Array.from({ length: 10_000 }, (_, index) => put(`me/many/${index}`, index))
    expect(await client.submitEvents(many)).toHaveLength(10_000)
    expect(world.runtime.keys).toHaveLength(1)
    await Promise.all(Array.from({ length: 64 }, (_, index) => client.submitEvent(put(`me/tasks/${index}`, index))))
    expect(new Set(world.runtime.keys).size).toBe(65)
    expect(Object.keys((await client.getState<object>('me/many')).value ?? {})).toHaveLength(10_000)
  })

  test('the generation of the worker is on the connection', async () => {
    const [a, b] = [await world.page(), await world.page()]
    expect(a.client.connection).toMatchObject({ kind: 'shared-worker', generation: world.worker.generation })
    expect(b.client.connection.generation).toMatch(/^[0-9a-f]{16}$/)
    const other = await world.page(world.host(() => Promise.resolve(world.runtime), { name: 'other' }))
    expect(other.client.connection.generation).not.toBe(world.worker.generation)
  })

  test('a document is read as it is stored while the runtime starts; what only the runtime can tell waits for it', async () => {
    let started = (_service: StandInRuntime): void => undefined
    const stored: State = {
      path: parsePath('me/tasks/1'),
      value: 'as stored',
      heads: [],
      level: 'local',
      pending: [],
      networks: {},
      updatedAt: 1,
    }
    const slow = world.host(
      ({ onReadable }) => {
        onReadable((path) => Promise.resolve(path === 'me/tasks/1' ? stored : undefined))
        return new Promise((resolve) => (started = resolve))
      },
      { name: 'early' },
    )
    const { client } = await world.page(slow)
    expect((await client.getState('me/tasks/1')).value).toBe('as stored')
    const [past, other] = [client.getState('me/tasks/1', { at: 0 }), client.getState('me/tasks/2')]
    await world.runtime.submitEvent(put('me/tasks/2', 2))
    started(world.runtime)
    expect((await past).value).toBeUndefined()
    expect((await other).value).toBe(2)
    expect((await client.getState('me/tasks/1')).value).toBeUndefined()
  })

  test('calls made before the runtime has started wait for it', async () => {
    let started = (_service: StandInRuntime): void => undefined
    const slow = world.host(() => new Promise((resolve) => (started = resolve)), { name: 'other' })
    const { client } = await world.page(slow)
    const answer = client.submitEvent(put('me/tasks/1', 1))
    started(world.runtime)
    expect(await answer).toBe('event-2')
  })
})

describe('errors', () => {
  test('code, context and the chain of causes cross whole', async () => {
    const { client } = await world.page()
    const error = await failureOf(client.trace('bafy1'))
    expect(error).toMatchObject({ code: 'EVENT_UNKNOWN', context: { event: 'bafy1' } })
    expect(error.cause).toBeInstanceOf(SpiceTimeError)
    expect(error.cause).toMatchObject({ code: 'STORAGE_FAILED', context: { key: 'log/1', tries: 3, names: ['a', 'b'] } })
    expect((error.cause as Error).cause).toMatchObject({ name: 'TypeError', message: 'the disk said no' })
  })

  test('a failure that is not ours comes as INTERNAL with it as cause', async () => {
    const { client } = await world.page()
    expect(await failureOf(client.createSpace({ name: 'x' }))).toMatchObject({ code: 'INTERNAL', message: 'The stand-in has no spaces.' })
  })

  test('what can’t leave the page is refused by name, and the next call works', async () => {
    const { client } = await world.page()
    const input = { path: 'me/tasks/1', op: 'put', value: () => 1 }
    expect(await failureOf(client.submitEvent(input as never))).toMatchObject({
      code: 'VALUE_NOT_ENCODABLE',
      context: { method: 'submitEvent' },
    })
    await client.submitEvent(put('me/tasks/1', 1))
  })

  test('arguments that a method can’t take are refused at the door', async () => {
    const { client } = await world.page()
    expect(await failureOf(client.trace(7 as never))).toMatchObject({ code: 'INPUT_MALFORMED', context: { method: 'trace' } })
    expect(await failureOf(client.submitEvents('x' as never))).toMatchObject({ code: 'INPUT_MALFORMED' })
    const watch = client.watchState('no path!')
    expect(await failureOf(watch.next())).toMatchObject({ code: 'PATH_MALFORMED' })
    expect(await watch.next()).toEqual({ done: true, value: undefined })
  })

  test('a start that failed answers every call and stream, and is tried again with the next page', async () => {
    const failure = new SpiceTimeError('STORAGE_UNAVAILABLE', 'The database could not be opened.', { database: 'spicetime' })
    const starts = [() => Promise.reject(failure), () => Promise.resolve(world.runtime)]
    const host = world.host(() => (starts.shift() ?? starts[0])?.() ?? Promise.resolve(world.runtime), { name: 'other' })
    const first = await world.page(host)
    expect(await failureOf(first.client.networks())).toMatchObject({ code: 'STORAGE_UNAVAILABLE', context: { database: 'spicetime' } })
    expect(await failureOf(first.client.watchState('me/a/b').next())).toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    const entries = await first.client.watchDiagnostics().next()
    expect((entries.value as DiagnosticEntry[]).map((entry) => entry.diagnostic)).toContainEqual({
      kind: 'background-failed',
      task: 'start',
      code: 'STORAGE_UNAVAILABLE',
      reason: 'The database could not be opened.',
    })
    const second = await world.page(host)
    expect(await second.client.submitEvent(put('me/tasks/1', 1))).toBe('event-2')
    expect(await first.client.networks()).toHaveLength(1)
  })
})

describe('storage that ends by itself', () => {
  test('fails calls and watches with the reason, and the next page starts anew', async () => {
    const lost = new SpiceTimeError('STORAGE_CLOSED', 'The browser closed the database.')
    const runtimes = [world.runtime, new StandInRuntime()]
    const ends: ((error: SpiceTimeError) => void)[] = []
    const start: StartRuntime = ({ onEnded }) => {
      ends.push(onEnded)
      return Promise.resolve(runtimes[ends.length - 1] ?? world.runtime)
    }
    const host = world.host(start, { name: 'other' })
    const { client } = await world.page(host)
    const states = client.watchState('me/tasks/1')
    const diagnostics = client.watchDiagnostics()
    await states.next()
    const failure = failureOf(states.next())
    ends[0]?.(lost)
    expect(await failure).toMatchObject({ code: 'STORAGE_CLOSED' })
    expect(await failureOf(client.networks())).toMatchObject({ code: 'STORAGE_CLOSED' })
    expect((await diagnostics.next()).value?.[0]?.diagnostic).toMatchObject({
      kind: 'background-failed',
      task: 'storage',
      code: 'STORAGE_CLOSED',
    })
    expect(world.runtime.closed).toBe(true)
    const next = await world.page(host)
    expect(await next.client.networks()).toHaveLength(1)
    expect(await client.networks()).toHaveLength(1)
    ends[0]?.(lost)
    expect(await client.networks()).toHaveLength(1)
  })

  test('while the runtime starts is a start that failed', async () => {
    const lost = new SpiceTimeError('STORAGE_CLOSED', 'The browser closed the database.')
    const start: StartRuntime = async ({ onEnded }) => {
      await Promise.resolve()
      onEnded(lost)
      return world.runtime
    }
    const { client } = await world.page(world.host(start, { name: 'other' }))
    expect(await failureOf(client.networks())).toMatchObject({ code: 'STORAGE_CLOSED' })
  })
})

describe('the handshake', () => {
  test('a page of another protocol is told to reload', async () => {
    const { port1, port2 } = new MessageChannel()
    world.worker.accept(port2)
    const answer = new Promise<unknown>((resolve) => (port1.onmessage = (event: MessageEvent<unknown>) => resolve(event.data)))
    port1.postMessage({ spicetime: 'hello', versions: [PROTOCOL_VERSION + 1], lock: 'x' })
    expect(await answer).toMatchObject({
      spicetime: 'refused',
      error: { code: 'PROTOCOL_MISMATCH', message: expect.stringContaining('Reload') as string },
    })
    expect(world.worker.open.clients).toBe(0)
    port1.close()
  })

  test('a refusal reaches connect as it is, and lets go of the lock', async () => {
    expect(await failureOf(world.page(refusingWorker))).toMatchObject({ code: 'PROTOCOL_MISMATCH' })
    expect(world.locks.size).toBe(0)
  })

  test('a worker that never welcomes is an error, not a hang', async () => {
    let ring = (): void => undefined
    const stopped = { ...world.platform, after: (_ms: number, callback: () => void) => ((ring = callback), () => undefined) }
    const failure = failureOf(world.page(silentWorker, { platform: stopped }))
    await until(() => {
      ring()
      expect(world.locks.size).toBe(0)
    })
    expect(await failure).toMatchObject({ code: 'WORKER_FAILED' })
  })

  test('connecting can be called off', async () => {
    const stop = new AbortController()
    const failure = failureOf(world.page(silentWorker, { signal: stop.signal }))
    stop.abort()
    expect(await failure).toMatchObject({ code: 'ABORTED' })
    expect(world.locks.size).toBe(0)
  })

  test('only calls of the one function get through to comlink', async () => {
    const { port1, port2 } = new MessageChannel()
    world.worker.accept(port2)
    const heard: unknown[] = []
    port1.onmessage = (event: MessageEvent<unknown>) => heard.push(event.data)
    const release = await world.locks.hold('x')
    port1.postMessage({ spicetime: 'hello', versions: [PROTOCOL_VERSION], lock: 'x' })
    port1.postMessage({ id: '1', type: 'GET', path: ['constructor'] })
    port1.postMessage({ id: '2', type: 'APPLY', path: ['constructor'], argumentList: [{ type: 'RAW', value: 'return 1' }] })
    port1.postMessage({
      id: '3',
      type: 'APPLY',
      path: [],
      argumentList: [{ type: 'RAW', value: { method: 'close', subject: [], options: {} } }],
    })
    await until(() => expect(heard).toHaveLength(2))
    expect(heard[1]).toMatchObject({ id: '3', name: 'throw', value: { value: { code: 'PROTOCOL_MISMATCH' } } })
    expect(world.runtime.closed).toBe(false)
    release()
    port1.close()
  })
})

test('errors that nobody caught in the worker are shown to pages', async () => {
  const { client } = await world.page()
  world.worker.reportUncaught('worker', new TypeError('x is not a function'))
  const { value } = await client.watchDiagnostics().next()
  expect(value?.[0]?.diagnostic).toEqual({ kind: 'background-failed', task: 'worker', code: 'INTERNAL', reason: 'x is not a function' })
})
