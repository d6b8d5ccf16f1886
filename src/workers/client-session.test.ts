import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { State } from '../runtime/model/state.js'
import { STREAM_CREDITS } from './protocol.js'
import { report } from './test/stand-in-runtime.js'
import { failureOf, put, refusingWorker, StandInWorld, until } from './test/stand-in-world.js'
import type { WorkerHost } from './worker-host.js'

let world: StandInWorld
beforeEach(() => {
  world = new StandInWorld()
})
afterEach(() => world.close())

describe('signals', () => {
  test('an aborted wait rejects at once, and the worker stops waiting', async () => {
    const { client } = await world.page()
    const stop = new AbortController()
    const failure = failureOf(client.reached('event-1', 'final', { signal: stop.signal }))
    await until(() => expect(world.runtime.waiting.size).toBe(1))
    stop.abort(new Error('enough'))
    expect(await failure).toMatchObject({ code: 'ABORTED', context: { method: 'reached' }, cause: { message: 'enough' } })
    await until(() => expect(world.runtime.waiting.size).toBe(0))
  })

  test('a submit is never called off in the worker', async () => {
    const { client } = await world.page()
    const stop = new AbortController()
    const release = world.runtime.holdSubmits()
    const failure = failureOf(client.submitEvent(put('me/tasks/1', 1), { signal: stop.signal }))
    await client.networks()
    stop.abort()
    expect(await failure).toMatchObject({ code: 'ABORTED' })
    release()
    await until(() => expect(world.runtime.documents.size).toBe(1))
  })

  test('a signal that is aborted already sends nothing', async () => {
    const { client } = await world.page()
    expect(await failureOf(client.submitEvent(put('me/tasks/1', 1), { signal: AbortSignal.abort() }))).toMatchObject({ code: 'ABORTED' })
    expect(await client.watchState('me/tasks/1', { signal: AbortSignal.abort() }).next()).toEqual({ done: true, value: undefined })
    await client.networks()
    expect(world.runtime.keys).toEqual([])
    expect(world.worker.open.streams).toBe(0)
  })
})

describe('watches', () => {
  test('the present first, then changes from another page', async () => {
    const [a, b] = [await world.page(), await world.page()]
    const states = b.client.watchState<number>('me/tasks/1')
    expect((await states.next()).value?.value).toBeUndefined()
    await a.client.submitEvent(put('me/tasks/1', 1))
    expect((await states.next()).value?.value).toBe(1)
    await states.return?.()
    await until(() => expect(world.runtime.watches.size).toBe(0))
    expect(world.worker.open.streams).toBe(0)
  })

  test('above documents: nested by segment, unchanged documents stay the same object, earlier values don’t change', async () => {
    world.runtime.set('me/tasks/1', { title: 'one' })
    world.runtime.set('me/tasks/2', { title: 'two' })
    const { client } = await world.page()
    const states = client.watchState<{ tasks: Record<string, unknown> }>('me')
    const first: State<{ tasks: Record<string, unknown> }> | undefined = (await states.next()).value
    expect(first?.value).toEqual({ tasks: { '1': { title: 'one' }, '2': { title: 'two' } } })
    world.runtime.set('me/tasks/2', undefined)
    world.runtime.set('me/notes/1', 'n')
    let last = (await states.next()).value
    while (last?.value?.tasks['2'] !== undefined || Object.keys(last?.value ?? {}).length < 2) last = (await states.next()).value
    expect(last?.value).toEqual({ tasks: { '1': { title: 'one' } }, notes: { '1': 'n' } })
    expect(last?.value?.tasks['1']).toBe(first?.value?.tasks['1'])
    expect(first?.value?.tasks['2']).toEqual({ title: 'two' })
    await states.return?.()
  })

  test('no more changes are under way than there are credits, and the last one always arrives', async () => {
    const { client, transport } = await world.page()
    let taken = 0
    const link = transport.open(
      { kind: 'state', path: 'me/tasks/1' },
      { change: () => void (taken += 1), restarted: () => undefined, waits: () => false, failed: () => undefined },
    )
    await until(() => expect(taken).toBe(1))
    // No turn of the event loop between: the page can't give a credit back.
    for (let round = 1; round <= 100; round += 1) world.runtime.set('me/tasks/1', round)
    await until(() => expect(taken).toBeGreaterThanOrEqual(STREAM_CREDITS))
    await client.networks()
    await client.networks()
    expect(taken).toBeLessThanOrEqual(STREAM_CREDITS + 2)
    link()
    const states = client.watchState<number>('me/tasks/1')
    await states.next()
    for (let round = 101; round <= 200; round += 1) world.runtime.set('me/tasks/1', round)
    let last = (await states.next()).value?.value
    while (last !== 200) last = (await states.next()).value?.value
    await states.return?.()
  })

  test('a consumer that breaks, throws or stops by its signal leaves nothing open', async () => {
    const { client } = await world.page()
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
    await until(() => expect(world.worker.open.streams).toBe(1))
    stop.abort()
    await ended
    await until(() => {
      expect(world.worker.open.streams).toBe(0)
      expect(world.runtime.watches.size).toBe(0)
    })
  })

  test('networks: latest wins; diagnostics: history, then what comes, none missing', async () => {
    const { client } = await world.page()
    world.worker.diagnostics.emit({ kind: 'client-gone', client: 'earlier' })
    const networks = client.watchNetworks()
    expect((await networks.next()).value).toEqual([report('connected')])
    for (const listener of world.runtime.networkListeners) listener([report('away')])
    expect((await networks.next()).value).toEqual([report('away')])
    await networks.return?.()
    await until(() => expect(world.runtime.networkListeners.size).toBe(0))

    const diagnostics = client.watchDiagnostics()
    const seen: number[] = []
    const read = async (): Promise<void> => {
      const { value } = await diagnostics.next()
      for (const entry of value ?? []) seen.push(entry.number)
    }
    await read()
    for (let round = 0; round < 400; round += 1) world.worker.diagnostics.emit({ kind: 'client-gone', client: String(round) })
    while (seen.length < 401) await read()
    expect(seen).toEqual(Array.from({ length: 401 }, (_, index) => index + 1))
    await diagnostics.return?.()
  })

  test('1,000 watches open and close flat', async () => {
    const { client } = await world.page()
    const watches = Array.from({ length: 1000 }, (_, index) => client.watchState<number>(`me/tasks/${index}`))
    await Promise.all(watches.map((watch) => watch.next()))
    expect(world.worker.open.streams).toBe(1000)
    const next = Promise.all(watches.map((watch) => watch.next()))
    for (let index = 0; index < 1000; index += 1) world.runtime.set(`me/tasks/${index}`, index)
    expect((await next).map(({ value }) => value?.value)).toEqual(Array.from({ length: 1000 }, (_, index) => index))
    await client.close()
    await until(() => expect(world.worker.open).toEqual({ clients: 0, streams: 0 }))
    expect(world.runtime.watches.size).toBe(0)
  })
})

describe('a page that goes', () => {
  test('without a word: its lock frees ports, streams, watches and waits', async () => {
    const { client } = await world.page()
    await client.watchState('me/tasks/1').next()
    const answer = client.reached('event-1', 'final').catch(() => undefined)
    await until(() => expect(world.runtime.watches.size).toBe(1))
    world.locks.freeAll()
    await until(() => expect(world.worker.open).toEqual({ clients: 0, streams: 0 }))
    expect(world.runtime.watches.size).toBe(0)
    expect(world.worker.diagnostics.history().map(({ diagnostic }) => diagnostic.kind)).toContain('client-gone')
    await client.close()
    await answer
  })

  test('into the back/forward cache and back: watches go on, unanswered submits count once', async () => {
    const { client, transport } = await world.page()
    const states = client.watchState<number>('me/tasks/9')
    await states.next()
    const release = world.runtime.holdSubmits()
    const submitted = client.submitEvent(put('me/tasks/1', 1))
    await client.networks()
    transport.leave()
    const lastWish = client.submitEvent(put('me/tasks/2', 2))
    await until(() => expect(world.worker.open).toEqual({ clients: 1, streams: 0 }))
    const renewed = transport.renew()
    const whileRenewing = client.submitEvent(put('me/tasks/3', 3))
    await renewed
    release()
    await Promise.all([submitted, lastWish, whileRenewing])
    expect(world.runtime.keys).toHaveLength(3)
    world.runtime.set('me/tasks/9', 9)
    let last = (await states.next()).value?.value
    while (last !== 9) last = (await states.next()).value?.value
    await until(() => expect(world.worker.open).toEqual({ clients: 1, streams: 1 }))
  })

  test('for good, in the middle of a submit: the submit takes effect', async () => {
    const { client, transport } = await world.page()
    transport.leave()
    const lastWish = client.submitEvent(put('me/tasks/1', 1)).catch(() => undefined)
    await client.close()
    await until(() => expect(world.runtime.documents.get('me/tasks/1')?.value).toBe(1))
    await until(() => expect(world.worker.open.clients).toBe(0))
    await lastWish
  })

  test('and comes back twice at once has one port in the end', async () => {
    const { client, transport } = await world.page()
    const states = client.watchState<number>('me/tasks/1')
    await states.next()
    await Promise.all([transport.renew(), transport.renew(), transport.renew()])
    await until(() => expect(world.worker.open).toEqual({ clients: 1, streams: 1 }))
    expect(world.locks.size).toBe(1)
    const closing = transport.renew()
    await client.close()
    await closing
    await until(() => expect(world.worker.open).toEqual({ clients: 0, streams: 0 }))
    expect(world.locks.size).toBe(0)
  })

  test('that can’t come back: calls and streams fail with the reason, and the next call tries again', async () => {
    const doors: Pick<WorkerHost, 'accept'>[] = [world.worker]
    const { client, transport } = await world.page({ accept: (port) => doors[0]?.accept(port) })
    const states = client.watchState('me/tasks/1')
    await states.next()
    doors[0] = refusingWorker
    const stream = failureOf(states.next())
    const renewed = transport.renew()
    const call = failureOf(client.networks())
    await renewed
    expect(await call).toMatchObject({ code: 'PROTOCOL_MISMATCH' })
    expect(await stream).toMatchObject({ code: 'PROTOCOL_MISMATCH' })
    doors[0] = world.worker
    expect(await client.networks()).toHaveLength(1)
  })

  test('by close(): what waits is told, later calls too', async () => {
    const { client } = await world.page()
    const states = client.watchState('me/tasks/1')
    await states.next()
    const next = states.next()
    const waiting = failureOf(client.reached('event-1', 'final'))
    await client.close()
    expect(await waiting).toMatchObject({ code: 'RUNTIME_CLOSED' })
    expect(await next).toEqual({ done: true, value: undefined })
    expect(await failureOf(client.networks())).toMatchObject({ code: 'RUNTIME_CLOSED' })
    expect(await failureOf(client.watchState('me/tasks/1').next())).toMatchObject({ code: 'RUNTIME_CLOSED' })
    await until(() => expect(world.worker.open.clients).toBe(0))
    expect(world.locks.size).toBe(0)
    expect(world.runtime.closed).toBe(false)
  })
})
