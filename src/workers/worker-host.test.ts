import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isSpiceTimeError, SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import type { DiagnosticEntry } from '../runtime/diagnostics/diagnostics.js'
import type { State } from '../runtime/model/state.js'
import type { PortTransport } from '../runtime/page/port-transport.js'
import { nodePlatform } from '../runtime/platform/node.js'
import type { RuntimeClient } from '../runtime/runtime-client.js'
import { PROTOCOL_VERSION, STREAM_CREDITS } from './protocol.js'
import { inProcessHost, MemoryLocks } from './test/in-process-host.js'
import { connectPage } from './test/stand-in-page.js'
import { report, StandInRuntime } from './test/stand-in-runtime.js'
import { WorkerHost } from './worker-host.js'

const platform = nodePlatform
let runtime: StandInRuntime
let locks: MemoryLocks
let worker: WorkerHost
let opened: RuntimeClient[]

beforeEach(() => {
  runtime = new StandInRuntime()
  locks = new MemoryLocks()
  worker = new WorkerHost({ start: () => Promise.resolve(runtime), platform, locks })
  opened = []
})
afterEach(async () => {
  for (const client of opened) await client.close()
})

async function page(host: Pick<WorkerHost, 'accept'> = worker): Promise<{ client: RuntimeClient; transport: PortTransport }> {
  const made = await connectPage({ host: inProcessHost(host), platform, locks })
  opened.push(made.client)
  return made
}

async function failureOf(promise: Promise<unknown>): Promise<SpiceTimeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isSpiceTimeError(error)) throw new Error(`expected a SpiceTimeError, got ${String(error)}`)
  return error
}

const put = (path: string, value: number): { path: string; op: 'put'; value: number } => ({ path, op: 'put', value })
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5000, interval: 2 })

describe('calls', () => {
  test('an event submitted by one page is read by another', async () => {
    const [a, b] = [await page(), await page()]
    expect(await a.client.submitEvent(put('me/tasks/1', 7))).toBe('event-2')
    expect((await b.client.getState('me/tasks/1')).value).toBe(7)
    expect((await b.client.getState('me')).value).toEqual({ tasks: { '1': 7 } })
    expect((await b.client.getState('me/tasks')).value).toEqual({ '1': 7 })
    expect((await b.client.getState('me/nothing')).value).toBeUndefined()
  })

  test('10,000 events cross in one message with one key, 64 calls at once each with their own', async () => {
    const { client } = await page()
    const many = Array.from({ length: 10_000 }, (_, index) => put(`me/many/${index}`, index))
    expect(await client.submitEvents(many)).toHaveLength(10_000)
    expect(runtime.keys).toHaveLength(1)
    await Promise.all(Array.from({ length: 64 }, (_, index) => client.submitEvent(put(`me/tasks/${index}`, index))))
    expect(new Set(runtime.keys).size).toBe(65)
    expect(Object.keys((await client.getState<object>('me/many')).value ?? {})).toHaveLength(10_000)
  })

  test('the generation of the worker is on the connection', async () => {
    const [a, b] = [await page(), await page()]
    expect(a.client.connection).toEqual({ kind: 'shared-worker', generation: worker.generation })
    expect(b.client.connection.generation).toMatch(/^[0-9a-f]{16}$/)
    const other = await page(new WorkerHost({ start: () => Promise.resolve(runtime), platform, locks }))
    expect(other.client.connection.generation).not.toBe(worker.generation)
  })

  test('calls made before the runtime has started wait for it', async () => {
    let started = (_service: StandInRuntime): void => undefined
    const slow = new WorkerHost({ start: () => new Promise((resolve) => (started = resolve)), platform, locks })
    const { client } = await page(slow)
    const answer = client.submitEvent(put('me/tasks/1', 1))
    started(runtime)
    expect(await answer).toBe('event-2')
  })
})

describe('errors', () => {
  test('code, context and the chain of causes cross whole', async () => {
    const { client } = await page()
    const error = await failureOf(client.trace('bafy1'))
    expect(error).toMatchObject({ code: 'EVENT_UNKNOWN', context: { event: 'bafy1' } })
    expect(error.cause).toBeInstanceOf(SpiceTimeError)
    expect(error.cause).toMatchObject({ code: 'STORAGE_FAILED', context: { key: 'log/1', tries: 3, names: ['a', 'b'] } })
    expect((error.cause as Error).cause).toMatchObject({ name: 'TypeError', message: 'the disk said no' })
  })

  test('a failure that is not ours comes as INTERNAL with it as cause', async () => {
    const { client } = await page()
    expect(await failureOf(client.createSpace({ name: 'x' }))).toMatchObject({ code: 'INTERNAL', message: 'The stand-in has no spaces.' })
  })

  test('what can’t leave the page is refused by name, and the next call works', async () => {
    const { client } = await page()
    const input = { path: 'me/tasks/1', op: 'put', value: () => 1 }
    expect(await failureOf(client.submitEvent(input as never))).toMatchObject({ code: 'VALUE_NOT_ENCODABLE', context: { method: 'submitEvent' } })
    await client.submitEvent(put('me/tasks/1', 1))
  })

  test('arguments that a method can’t take are refused at the door', async () => {
    const { client } = await page()
    expect(await failureOf(client.getState(7 as never))).toMatchObject({ code: 'INPUT_MALFORMED', context: { method: 'getState' } })
    expect(await failureOf(client.submitEvents('x' as never))).toMatchObject({ code: 'INPUT_MALFORMED' })
    const watch = client.watchState('no path!')
    expect(await failureOf(watch.next())).toMatchObject({ code: 'PATH_MALFORMED' })
    expect(await watch.next()).toEqual({ done: true, value: undefined })
  })

  test('a start that failed answers every call and stream, and is tried again with the next page', async () => {
    const failure = new SpiceTimeError('STORAGE_UNAVAILABLE', 'The database could not be opened.', { database: 'spicetime' })
    const starts = [() => Promise.reject(failure), () => Promise.resolve(runtime)]
    const host = new WorkerHost({ start: () => (starts.shift() ?? starts[0])?.() ?? Promise.resolve(runtime), platform, locks })
    const first = await page(host)
    expect(await failureOf(first.client.networks())).toMatchObject({ code: 'STORAGE_UNAVAILABLE', context: { database: 'spicetime' } })
    expect(await failureOf(first.client.watchState('me/a/b').next())).toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    const entries = await first.client.watchDiagnostics().next()
    expect((entries.value as DiagnosticEntry[]).map((entry) => entry.diagnostic)).toContainEqual({
      kind: 'background-failed',
      task: 'start',
      code: 'STORAGE_UNAVAILABLE',
      reason: 'The database could not be opened.',
    })
    const second = await page(host)
    expect(await second.client.submitEvent(put('me/tasks/1', 1))).toBe('event-2')
    expect(await first.client.networks()).toHaveLength(1)
  })
})

describe('the handshake', () => {
  test('a page of another protocol is told to reload', async () => {
    const { port1, port2 } = new MessageChannel()
    worker.accept(port2)
    const answer = new Promise<unknown>((resolve) => (port1.onmessage = (event: MessageEvent<unknown>) => resolve(event.data)))
    port1.postMessage({ spicetime: 'hello', versions: [PROTOCOL_VERSION + 1], lock: 'x' })
    expect(await answer).toMatchObject({ spicetime: 'refused', error: { code: 'PROTOCOL_MISMATCH', message: expect.stringContaining('Reload') as string } })
    expect(worker.open.clients).toBe(0)
    port1.close()
  })

  test('a refusal reaches connect as it is, and lets go of the lock', async () => {
    const refuses = {
      accept(port: MessagePort) {
        port.onmessage = () => port.postMessage({ spicetime: 'refused', error: { name: 'SpiceTimeError', message: 'Reload.', code: 'PROTOCOL_MISMATCH' } })
      },
    }
    expect(await failureOf(page(refuses))).toMatchObject({ code: 'PROTOCOL_MISMATCH' })
    expect(locks.held.size).toBe(0)
  })

  test('a worker that never welcomes is an error, not a hang', async () => {
    let ring = (): void => undefined
    const stopped = { ...platform, after: (_ms: number, callback: () => void) => ((ring = callback), () => undefined) }
    const silent = inProcessHost({ accept: (port) => port.start() })
    const connecting = connectPage({ host: silent, platform: stopped, locks })
    const failure = failureOf(connecting)
    await until(() => {
      ring()
      expect(locks.held.size).toBe(0)
    })
    expect(await failure).toMatchObject({ code: 'WORKER_FAILED' })
  })

  test('connecting can be called off', async () => {
    const stop = new AbortController()
    const silent = inProcessHost({ accept: (port) => port.start() })
    const failure = failureOf(connectPage({ host: silent, platform, locks, signal: stop.signal }))
    stop.abort()
    expect(await failure).toMatchObject({ code: 'ABORTED' })
    expect(locks.held.size).toBe(0)
  })

  test('only calls of the one function get through to comlink', async () => {
    const { port1, port2 } = new MessageChannel()
    worker.accept(port2)
    const heard: unknown[] = []
    port1.onmessage = (event: MessageEvent<unknown>) => heard.push(event.data)
    const release = await locks.hold('x')
    port1.postMessage({ spicetime: 'hello', versions: [PROTOCOL_VERSION], lock: 'x' })
    port1.postMessage({ id: '1', type: 'GET', path: ['constructor'] })
    port1.postMessage({ id: '2', type: 'APPLY', path: ['constructor'], argumentList: [{ type: 'RAW', value: 'return 1' }] })
    port1.postMessage({ id: '3', type: 'APPLY', path: [], argumentList: [{ type: 'RAW', value: { method: 'close', subject: [], options: {} } }] })
    await until(() => expect(heard).toHaveLength(2))
    expect(heard[1]).toMatchObject({ id: '3', name: 'throw', value: { value: { code: 'PROTOCOL_MISMATCH' } } })
    expect(runtime.closed).toBe(false)
    release()
    port1.close()
  })
})

describe('signals', () => {
  test('an aborted wait rejects at once, and the worker stops waiting', async () => {
    const { client } = await page()
    const stop = new AbortController()
    const failure = failureOf(client.reached('event-1', 'final', { signal: stop.signal }))
    await until(() => expect(runtime.waiting.size).toBe(1))
    stop.abort(new Error('enough'))
    expect(await failure).toMatchObject({ code: 'ABORTED', context: { method: 'reached' }, cause: { message: 'enough' } })
    await until(() => expect(runtime.waiting.size).toBe(0))
  })

  test('a submit is never called off in the worker', async () => {
    const { client } = await page()
    const stop = new AbortController()
    const release = runtime.holdSubmits()
    const failure = failureOf(client.submitEvent(put('me/tasks/1', 1), { signal: stop.signal }))
    await client.networks()
    stop.abort()
    expect(await failure).toMatchObject({ code: 'ABORTED' })
    release()
    await until(() => expect(runtime.documents.size).toBe(1))
  })

  test('a signal that is aborted already sends nothing', async () => {
    const { client } = await page()
    expect(await failureOf(client.submitEvent(put('me/tasks/1', 1), { signal: AbortSignal.abort() }))).toMatchObject({ code: 'ABORTED' })
    expect(await client.watchState('me/tasks/1', { signal: AbortSignal.abort() }).next()).toEqual({ done: true, value: undefined })
    await client.networks()
    expect(runtime.keys).toEqual([])
    expect(worker.open.streams).toBe(0)
  })
})

describe('watches', () => {
  test('the present first, then changes from another page', async () => {
    const [a, b] = [await page(), await page()]
    const states = b.client.watchState<number>('me/tasks/1')
    expect((await states.next()).value?.value).toBeUndefined()
    await a.client.submitEvent(put('me/tasks/1', 1))
    expect((await states.next()).value?.value).toBe(1)
    await states.return?.()
    await until(() => expect(runtime.watches.size).toBe(0))
    expect(worker.open.streams).toBe(0)
  })

  test('above documents: nested by segment, unchanged documents stay the same object, earlier values don’t change', async () => {
    runtime.set('me/tasks/1', { title: 'one' })
    runtime.set('me/tasks/2', { title: 'two' })
    const { client } = await page()
    const states = client.watchState<{ tasks: Record<string, unknown> }>('me')
    const first: State<{ tasks: Record<string, unknown> }> | undefined = (await states.next()).value
    expect(first?.value).toEqual({ tasks: { '1': { title: 'one' }, '2': { title: 'two' } } })
    runtime.set('me/tasks/2', undefined)
    runtime.set('me/notes/1', 'n')
    let last = (await states.next()).value
    while (last?.value?.tasks['2'] !== undefined || Object.keys(last?.value ?? {}).length < 2) last = (await states.next()).value
    expect(last?.value).toEqual({ tasks: { '1': { title: 'one' } }, notes: { '1': 'n' } })
    expect(last?.value?.tasks['1']).toBe(first?.value?.tasks['1'])
    expect(first?.value?.tasks['2']).toEqual({ title: 'two' })
    await states.return?.()
  })

  test('no more changes are under way than there are credits, and the last one always arrives', async () => {
    const { client, transport } = await page()
    let taken = 0
    const link = transport.open({ kind: 'state', path: 'me/tasks/1' }, { change: () => (taken += 1), restarted: () => undefined, failed: () => undefined })
    await until(() => expect(taken).toBe(1))
    // No turn of the event loop between: the page can't give a credit back.
    for (let round = 1; round <= 100; round += 1) runtime.set('me/tasks/1', round)
    await until(() => expect(taken).toBeGreaterThanOrEqual(STREAM_CREDITS))
    await client.networks()
    await client.networks()
    expect(taken).toBeLessThanOrEqual(STREAM_CREDITS + 2)
    link()
    const states = client.watchState<number>('me/tasks/1')
    await states.next()
    for (let round = 101; round <= 200; round += 1) runtime.set('me/tasks/1', round)
    let last = (await states.next()).value?.value
    while (last !== 200) last = (await states.next()).value?.value
    await states.return?.()
  })

  test('a consumer that breaks, throws or stops by its signal leaves nothing open', async () => {
    const { client } = await page()
    for await (const state of client.watchState('me/tasks/1')) {
      expect(state.path).toBe('me/tasks/1')
      break
    }
    const throwing = async (): Promise<void> => {
      for await (const state of client.watchState('me/tasks')) throw new Error(`no ${state.path}`)
    }
    await expect(throwing()).rejects.toThrow('no me/tasks')
    const stop = new AbortController()
    const ended = (async () => {
      for await (const state of client.watchState('me/tasks/1', { signal: stop.signal })) expect(state.path).toBe('me/tasks/1')
    })()
    await until(() => expect(worker.open.streams).toBe(1))
    stop.abort()
    await ended
    await until(() => {
      expect(worker.open.streams).toBe(0)
      expect(runtime.watches.size).toBe(0)
    })
  })

  test('networks: latest wins; diagnostics: history, then what comes, none missing', async () => {
    const { client } = await page()
    worker.diagnostics.emit({ kind: 'client-gone', client: 'earlier' })
    const networks = client.watchNetworks()
    expect((await networks.next()).value).toEqual([report('connected')])
    for (const listener of runtime.networkListeners) listener([report('away')])
    expect((await networks.next()).value).toEqual([report('away')])
    await networks.return?.()
    await until(() => expect(runtime.networkListeners.size).toBe(0))

    const diagnostics = client.watchDiagnostics()
    const seen: number[] = []
    const read = async (): Promise<void> => {
      const { value } = await diagnostics.next()
      for (const entry of value ?? []) seen.push(entry.number)
    }
    await read()
    for (let round = 0; round < 400; round += 1) worker.diagnostics.emit({ kind: 'client-gone', client: String(round) })
    while (seen.length < 401) await read()
    expect(seen).toEqual(Array.from({ length: 401 }, (_, index) => index + 1))
    await diagnostics.return?.()
  })

  test('1,000 watches open and close flat', async () => {
    const { client } = await page()
    const watches = Array.from({ length: 1000 }, (_, index) => client.watchState<number>(`me/tasks/${index}`))
    await Promise.all(watches.map((watch) => watch.next()))
    expect(worker.open.streams).toBe(1000)
    const next = Promise.all(watches.map((watch) => watch.next()))
    for (let index = 0; index < 1000; index += 1) runtime.set(`me/tasks/${index}`, index)
    expect((await next).map(({ value }) => value?.value)).toEqual(Array.from({ length: 1000 }, (_, index) => index))
    await client.close()
    await until(() => expect(worker.open).toEqual({ clients: 0, streams: 0 }))
    expect(runtime.watches.size).toBe(0)
  })
})

describe('a page that goes', () => {
  test('without a word: its lock frees ports, streams, watches and waits', async () => {
    const { client } = await page()
    await client.watchState('me/tasks/1').next()
    const answer = client.reached('event-1', 'final').catch(() => undefined)
    await until(() => expect(runtime.watches.size).toBe(1))
    locks.freeAll()
    await until(() => expect(worker.open).toEqual({ clients: 0, streams: 0 }))
    expect(runtime.watches.size).toBe(0)
    expect(worker.diagnostics.history().map(({ diagnostic }) => diagnostic.kind)).toContain('client-gone')
    await client.close()
    await answer
  })

  test('into the back/forward cache and back: watches go on, unanswered submits count once', async () => {
    const { client, transport } = await page()
    const states = client.watchState<number>('me/tasks/9')
    await states.next()
    const release = runtime.holdSubmits()
    const submitted = client.submitEvent(put('me/tasks/1', 1))
    await client.networks()
    transport.leave()
    await until(() => expect(worker.open).toEqual({ clients: 0, streams: 0 }))
    const whileAway = client.submitEvent(put('me/tasks/2', 2))
    await transport.renew()
    release()
    await Promise.all([submitted, whileAway])
    expect(runtime.keys).toHaveLength(2)
    runtime.set('me/tasks/9', 9)
    let last = (await states.next()).value?.value
    while (last !== 9) last = (await states.next()).value?.value
    expect(worker.open).toEqual({ clients: 1, streams: 1 })
  })

  test('that can’t come back: calls and streams fail with the reason, and the next call tries again', async () => {
    const doors: Pick<WorkerHost, 'accept'>[] = [worker]
    const host = inProcessHost({ accept: (port) => doors[0]?.accept(port) })
    const { client, transport } = await connectPage({ host, platform, locks })
    opened.push(client)
    const states = client.watchState('me/tasks/1')
    await states.next()
    transport.leave()
    doors[0] = {
      accept(port) {
        port.onmessage = () => port.postMessage({ spicetime: 'refused', error: { name: 'SpiceTimeError', message: 'Reload.', code: 'PROTOCOL_MISMATCH' } })
      },
    }
    const call = failureOf(client.networks())
    const stream = failureOf(states.next())
    await transport.renew()
    expect(await call).toMatchObject({ code: 'PROTOCOL_MISMATCH' })
    expect(await stream).toMatchObject({ code: 'PROTOCOL_MISMATCH' })
    doors[0] = worker
    expect(await client.networks()).toHaveLength(1)
  })

  test('by close(): what waits is told, later calls too', async () => {
    const { client } = await page()
    const states = client.watchState('me/tasks/1')
    await states.next()
    const next = states.next()
    const waiting = failureOf(client.reached('event-1', 'final'))
    await client.close()
    expect(await waiting).toMatchObject({ code: 'RUNTIME_CLOSED' })
    expect(await next).toEqual({ done: true, value: undefined })
    expect(await failureOf(client.networks())).toMatchObject({ code: 'RUNTIME_CLOSED' })
    expect(await failureOf(client.watchState('me/tasks/1').next())).toMatchObject({ code: 'RUNTIME_CLOSED' })
    await until(() => expect(worker.open.clients).toBe(0))
    expect(locks.held.size).toBe(0)
    expect(runtime.closed).toBe(false)
  })
})

test('errors that nobody caught in the worker are shown to pages', async () => {
  const { client } = await page()
  worker.reportUncaught('worker', new TypeError('x is not a function'))
  const { value } = await client.watchDiagnostics().next()
  expect(value?.[0]?.diagnostic).toEqual({ kind: 'background-failed', task: 'worker', code: 'INTERNAL', reason: 'x is not a function' })
})
