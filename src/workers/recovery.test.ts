import { afterEach, beforeEach, expect, test } from 'vitest'
import { SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import type { Host } from '../runtime/page/host.js'
import type { ConnectionReport } from '../runtime/runtime-client.js'
import { inProcessHost } from './test/in-process-host.js'
import { StandInRuntime } from './test/stand-in-runtime.js'
import { failureOf, put, StandInWorld, until } from './test/stand-in-world.js'
import type { Page } from './test/stand-in-world.js'
import type { WorkerHost } from './worker-host.js'

let world: StandInWorld
beforeEach(() => {
  world = new StandInWorld()
})
afterEach(() => world.close())

/** A host whose thread can stand still for ever: its locks stay, and nothing of it answers. */
class WedgingHost {
  wedged = false
  readonly #host: WorkerHost

  constructor(host: WorkerHost) {
    this.#host = host
  }

  accept(port: MessagePort): void {
    const { port1, port2 } = new MessageChannel()
    this.#host.accept(port2)
    const pass = (from: MessagePort, to: MessagePort): void => {
      from.onmessage = ({ data, ports }: MessageEvent<unknown>) => {
        if (!this.wedged) to.postMessage(data, [...ports])
      }
    }
    pass(port, port1)
    pass(port1, port)
  }
}

/** A page whose host is whatever the test says it is now. */
async function pageOf(
  now: () => Pick<WorkerHost, 'accept'>,
): Promise<Page & { readonly told: ConnectionReport[]; readonly silences: boolean[] }> {
  const silences: boolean[] = []
  const host: Host = {
    open(silent) {
      silences.push(silent)
      return inProcessHost(now()).open(silent)
    },
    openOwner: () => expect.fail('there is one host at a time'),
  }
  const page = await world.page(world.worker, { host })
  const told: ConnectionReport[] = []
  page.client.onConnection((report) => told.push(report))
  return { ...page, told, silences }
}

test('a host that dies: the page says so, unanswered calls go to the next one, submits with the keys they had', async () => {
  const context = world.origin.context()
  const first = world.host(() => new Promise(() => undefined), { name: 'dies', context })
  let current = first
  const page = await pageOf(() => current)
  const [read, submit] = [page.client.getState('me/tasks/1'), page.client.submitEvent(put('me/tasks/1', 1))]
  current = world.host(() => Promise.resolve(world.runtime), { name: 'dies' })
  context.kill()
  expect(await submit).toBe('event-2')
  await read
  expect(world.runtime.keys).toHaveLength(1)
  expect(page.told.map(({ state }) => state)).toEqual(['connected', 'recovering', 'connected'])
  expect(page.told[1]?.error).toMatchObject({ code: 'CONNECTION_RECOVERING' })
  expect(page.told.at(-1)).toMatchObject({ generation: current.generation })
  expect(page.told.at(-1)?.error).toBeUndefined()
})

test('watches go on after a handover with the present state', async () => {
  const context = world.origin.context()
  let current = world.host(() => Promise.resolve(world.runtime), { name: 'moves', context })
  const page = await pageOf(() => current)
  const states = page.client.watchState('me/tasks/1')
  expect((await states.next()).value?.value).toBeUndefined()
  const next = new StandInRuntime()
  await next.submitEvent(put('me/tasks/1', 7))
  current = world.host(() => Promise.resolve(next), { name: 'moves' })
  context.kill()
  expect((await states.next()).value?.value).toBe(7)
})

test('a silent host is replaced, once', async () => {
  const wedging = new WedgingHost(world.host(() => Promise.resolve(new StandInRuntime()), { name: 'silent' }))
  let current: Pick<WorkerHost, 'accept'> = wedging
  const page = await pageOf(() => current)
  wedging.wedged = true
  current = world.host(() => Promise.resolve(world.runtime), { name: 'silent-next' })
  expect((await page.client.getState('me/tasks/1')).value).toBeUndefined()
  expect(page.silences).toEqual([false, true])
})

test('hosts that die at once are not reached ever faster, and who gives up says what to do', async () => {
  let reached = 0
  const refused = {
    accept: (port: MessagePort): void => (
      reached++,
      port.postMessage({ spicetime: 'refused', error: { name: 'SpiceTimeError', message: 'Reload.', code: 'PROTOCOL_MISMATCH' } })
    ),
  }
  const context = world.origin.context()
  let current: Pick<WorkerHost, 'accept'> = world.host(() => Promise.resolve(world.runtime), { name: 'refuses', context })
  const page = await pageOf(() => current)
  current = refused
  context.kill()
  await until(() => expect(page.client.connection.state).toBe('failed'))
  expect(page.client.connection.error).toMatchObject({ code: 'PROTOCOL_MISMATCH' })
  expect(reached).toBe(1)
  expect(await failureOf(page.client.getState('me/tasks/1'))).toMatchObject({ code: 'PROTOCOL_MISMATCH' })
  expect(reached).toBe(2)
})

test('what only streams wait for is not left hanging by a silent host', async () => {
  const wedging = new WedgingHost(world.host(() => Promise.resolve(new StandInRuntime()), { name: 'tree' }))
  let current: Pick<WorkerHost, 'accept'> = wedging
  const page = await pageOf(() => current)
  wedging.wedged = true
  current = world.host(() => Promise.resolve(world.runtime), { name: 'tree-next' })
  const watched = page.client.watchState('me/tasks/1')
  await Promise.all([page.client.getState('me/tasks'), watched.next()])
  expect(page.silences).toEqual([false, true])
})

test('a page that only watches goes on with another host once it hears that its own was given up', async () => {
  const wedging = new WedgingHost(world.host(() => Promise.resolve(new StandInRuntime()), { name: 'watched' }))
  let current: Pick<WorkerHost, 'accept'> = wedging
  const page = await pageOf(() => current)
  const states = page.client.watchState('me/tasks/1')
  await states.next()
  wedging.wedged = true
  const next = new StandInRuntime()
  await next.submitEvent(put('me/tasks/1', 7))
  current = world.host(() => Promise.resolve(next), { name: 'watched-next' })
  page.transport.suspect()
  expect((await states.next()).value?.value).toBe(7)
})

test('a page that only watches finds out by itself that its host was wedged', async () => {
  const wedging = new WedgingHost(world.host(() => Promise.resolve(new StandInRuntime()), { name: 'watched-alone' }))
  let current: Pick<WorkerHost, 'accept'> = wedging
  const page = await pageOf(() => current)
  const states = page.client.watchState('me/tasks/1')
  await states.next()
  wedging.wedged = true
  const next = new StandInRuntime()
  await next.submitEvent(put('me/tasks/1', 7))
  current = world.host(() => Promise.resolve(next), { name: 'watched-alone-next' })
  expect((await states.next()).value?.value).toBe(7)
  expect(page.silences).toEqual([false, true])
})

test('a storage that stays closed is a failure with what to do, and works again when it does', async () => {
  let gone = true
  const closed = new SpiceTimeError('STORAGE_CLOSED', 'The browser closed the database. Reload this page.')
  class Closing extends StandInRuntime {
    override getState(path: string): ReturnType<StandInRuntime['getState']> {
      return gone ? Promise.reject(closed) : super.getState(path)
    }
  }
  const host = world.host(() => Promise.resolve(new Closing()), { name: 'stays-closed' })
  const page = await pageOf(() => host)
  for (let call = 0; call < 3; call += 1)
    expect(await failureOf(page.client.getState('me/tasks/1'))).toMatchObject({ code: 'STORAGE_CLOSED' })
  expect(page.client.connection).toMatchObject({ state: 'failed', error: { code: 'STORAGE_CLOSED' } })
  expect(page.told.map(({ state }) => state)).toEqual(['connected', 'recovering', 'connected', 'recovering', 'connected', 'failed'])
  gone = false
  expect((await page.client.getState('me/tasks/1')).value).toBeUndefined()
  expect(page.client.connection.state).toBe('connected')
})

test('a page that stands still makes its calls when it wakes', async () => {
  const page = await pageOf(() => world.worker)
  page.transport.rest()
  const submit = page.client.submitEvent(put('me/tasks/1', 1))
  expect(page.client.connection.state).toBe('recovering')
  await page.transport.renew()
  await submit
  expect(world.runtime.keys).toHaveLength(1)
  expect(page.silences).toEqual([false, false])
})

test('what a listener calls comes after what waited, once', async () => {
  const context = world.origin.context()
  let current = world.host(() => new Promise(() => undefined), { name: 'order', context })
  const page = await pageOf(() => current)
  const first = page.client.connection.generation
  const waited = page.client.submitEvent(put('me/tasks/1', 1))
  let called: Promise<string> | undefined
  page.client.onConnection(({ state, generation }) => {
    if (state === 'connected' && generation !== first) called ??= page.client.submitEvent(put('me/tasks/1', 2))
  })
  current = world.host(() => Promise.resolve(world.runtime), { name: 'order' })
  context.kill()
  await waited
  await until(() => expect(called).toBeDefined())
  await called
  expect(world.runtime.keys.map((key) => key.split('-').at(-1))).toEqual(['1', '2'])
})
