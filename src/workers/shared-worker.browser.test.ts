import { afterEach, describe, expect, test, vi } from 'vitest'
import { connect } from '../runtime/connect.js'
import type { ConnectOptions } from '../runtime/connect.js'
import type { DiagnosticEntry } from '../runtime/diagnostics/diagnostics.js'
import { SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import { openLink } from '../runtime/page/link.js'
import { Patience } from '../runtime/page/patience.js'
import { PortTransport } from '../runtime/page/port-transport.js'
import { browserPlatform } from '../runtime/platform/browser.js'
import { pageLocks } from '../runtime/platform/page-locks.js'
import type { RuntimeClient } from '../runtime/runtime-client.js'
import { sharedWorkerHost } from '../runtime/shared-worker-host.js'
import { STREAM_CREDITS } from './protocol.js'
import type { StandInOrder, StandInReport } from './test/stand-in.shared-worker.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A worker of its own for each test. */
const freshName = (): string => `test-${crypto.randomUUID()}`
const standIn = (name: string) => () =>
  new SharedWorker(new URL('./test/stand-in.shared-worker.ts', import.meta.url), { type: 'module', name })
const until = (check: () => void | Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 5 })

async function open(name: string, options: ConnectOptions = {}): Promise<RuntimeClient> {
  const client = await connect({ name, worker: standIn(name), ...options })
  closing.push(() => client.close())
  return client
}

function orders(name: string): { give(order: StandInOrder): void; report(): Promise<StandInReport> } {
  const channel = new BroadcastChannel(name)
  closing.push(() => channel.close())
  return {
    give: (order) => channel.postMessage(order),
    report: () =>
      new Promise((resolve) => {
        channel.onmessage = (event: MessageEvent<StandInReport>) => resolve(event.data)
        channel.postMessage('report')
      }),
  }
}

const put = (path: string, value: number): { path: string; op: 'put'; value: number } => ({ path, op: 'put', value })

describe('one worker for all pages', () => {
  test('two clients share it, and what one submits the other watches', async () => {
    const name = freshName()
    const [a, b] = await Promise.all([open(name), open(name)])
    expect(a.connection.generation).toBe(b.connection.generation)
    expect(a.connection.kind).toBe('shared-worker')
    const states = b.watchState<number>('me/tasks/1')
    await states.next()
    await a.submitEvent(put('me/tasks/1', 5))
    expect((await states.next()).value?.value).toBe(5)
    expect((await b.getState('me')).value).toEqual({ tasks: { '1': 5 } })
    expect(await orders(name).report()).toEqual({ clients: 2, streams: 1, watches: 1 })
  })

  test('the first connection to a worker is never lost', async () => {
    const clients = await Promise.all(Array.from({ length: 5 }, () => open(freshName())))
    const answers = await Promise.all(clients.map((client) => client.submitEvent(put('me/tasks/1', 1))))
    expect(answers).toHaveLength(5)
    expect(new Set(clients.map((client) => client.connection.generation)).size).toBe(5)
  })
})

test('an error crosses whole: code, context, cause', async () => {
  const client = await open(freshName())
  const error: unknown = await client.trace('bafy1').catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(SpiceTimeError)
  expect(error).toMatchObject({
    code: 'EVENT_UNKNOWN',
    context: { event: 'bafy1' },
    cause: { code: 'STORAGE_FAILED', context: { names: ['a', 'b'], tries: 3 }, cause: { name: 'TypeError', message: 'the disk said no' } },
  })
})

test('errors that nobody caught in the worker are seen by pages that watch diagnostics', async () => {
  const name = freshName()
  const client = await open(name)
  const { give } = orders(name)
  const seen: DiagnosticEntry[] = []
  const reading = (async () => {
    for await (const entries of client.watchDiagnostics()) seen.push(...entries)
  })()
  give('throw')
  give('reject')
  await until(() => {
    const reasons = seen.map(({ diagnostic }) => (diagnostic.kind === 'background-failed' ? diagnostic.reason : ''))
    expect(reasons).toEqual(expect.arrayContaining(['thrown in the worker', 'rejected in the worker']))
  })
  await client.close()
  await reading
})

test('a burst of 1,000 changes sends no more than there are credits, and the last one arrives', async () => {
  const name = freshName()
  const shared = { platform: browserPlatform, locks: pageLocks }
  const options = { ...shared, host: sharedWorkerHost({ ...shared, name, make: standIn(name) }), patience: new Patience(browserPlatform) }
  const transport = new PortTransport(options, await openLink(options))
  closing.push(() => transport.close())
  const values: unknown[] = []
  const change = (data: unknown): void => void values.push((data as { state: { value: unknown } }).state.value)
  transport.open(
    { kind: 'state', path: 'me/tasks/burst' },
    { change, restarted: () => undefined, waits: () => false, failed: () => undefined },
  )
  await until(() => expect(values).toHaveLength(1))
  orders(name).give('burst')
  await until(() => expect(values.at(-1)).toBe(1000))
  expect(values.length).toBeLessThanOrEqual(2 * STREAM_CREDITS + 1)
})

describe('a page that goes', () => {
  test('an iframe that vanishes frees its lock, its port and its watch', async () => {
    const name = freshName()
    const client = await open(name)
    const frame = document.createElement('iframe')
    frame.name = name
    const script = new URL('./test/frame-page.ts', import.meta.url).href
    const watching = new Promise<unknown>((resolve) =>
      addEventListener('message', (event) => event.source === frame.contentWindow && resolve(event.data)),
    )
    // The test runner rewrites dynamic imports, and is not there in a frame.
    const runner = '<script>globalThis.__vitest_browser_runner__ = { wrapDynamicImport: (load) => load() }</script>'
    frame.srcdoc = `${runner}<script type="module" src="${script}"></script>`
    document.body.append(frame)
    expect(await watching).toBe('frame watches')
    const { report } = orders(name)
    expect(await report()).toEqual({ clients: 2, streams: 1, watches: 1 })
    frame.remove()
    await until(async () => expect(await report()).toEqual({ clients: 1, streams: 0, watches: 0 }))
    const held = (await navigator.locks.query()).held?.filter((lock) => lock.name?.startsWith('spicetime-client-')) ?? []
    expect(held).toHaveLength(1)
    await client.networks()
  })

  test('into the back/forward cache and back goes on where it was', async () => {
    const name = freshName()
    const client = await open(name)
    const { report } = orders(name)
    const states = client.watchState<number>('me/tasks/1')
    await states.next()
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
    await until(async () => expect(await report()).toEqual({ clients: 1, streams: 0, watches: 0 }))
    await client.submitEvent(put('me/tasks/1', 3))
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
    let last = (await states.next()).value?.value
    while (last !== 3) last = (await states.next()).value?.value
    await until(async () => expect(await report()).toEqual({ clients: 1, streams: 1, watches: 1 }))
  })

  test('close() frees everything', async () => {
    const name = freshName()
    const [a, b] = [await open(name), await open(name)]
    await a.watchState('me/tasks').next()
    await a.close()
    const { report } = orders(name)
    await until(async () => expect(await report()).toEqual({ clients: 1, streams: 0, watches: 0 }))
    await b.networks()
  })
})

describe('no SharedWorker', () => {
  const missing = new URL('./test/no-such-worker.ts', import.meta.url)

  test.each([
    ['a script that does not load', () => new SharedWorker(missing, { type: 'module', name: freshName() })],
    ['a worker that the browser refuses', () => new SharedWorker('https://elsewhere.invalid/worker.js')],
  ])('%s falls back to a worker of this tab', async (_what, worker) => {
    const client = await open(freshName(), { worker })
    expect(client.connection).toMatchObject({ state: 'connected', kind: 'worker' })
    await client.submitEvent(put('me/tasks/1', 1))
    expect((await client.getState('me/tasks/1')).value).toBe(1)
  })

  test('nor Worker: the page runs it', async () => {
    vi.stubGlobal('SharedWorker', undefined)
    vi.stubGlobal('Worker', undefined)
    closing.push(() => vi.unstubAllGlobals())
    const client = await connect({ name: freshName() })
    closing.push(() => client.close())
    expect(client.connection).toMatchObject({ state: 'connected', kind: 'page' })
    await client.submitEvent(put('me/tasks/1', 1))
    expect((await client.getState('me/tasks/1')).value).toBe(1)
  })
})
