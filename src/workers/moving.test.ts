import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import { openBroadcastPort } from './broadcast-port.js'
import { lifeName, ownerName, PROTOCOL_VERSION, STREAM_CREDITS } from './protocol.js'
import type { StartContext } from './runtime-service.js'
import { RawPage } from './test/raw-page.js'
import { StandInRuntime } from './test/stand-in-runtime.js'
import { put, StandInWorld, until } from './test/stand-in-world.js'

let world: StandInWorld
const pages: RawPage[] = []
beforeEach(() => {
  world = new StandInWorld()
})
afterEach(async () => {
  for (const page of pages.splice(0)) page.close()
  await world.close()
})

/** A page that said hello over a MessageChannel. */
async function visit(host: { accept(port: MessagePort): void }): Promise<RawPage> {
  const { port1, port2 } = new MessageChannel()
  host.accept(port2)
  return greet(new RawPage(port1))
}

async function greet(page: RawPage): Promise<RawPage> {
  pages.push(page)
  const lock = `client-${pages.length}-${Math.random()}`
  await world.locks.hold(lock)
  page.post({ spicetime: 'hello', versions: [PROTOCOL_VERSION], lock })
  await page.heard(({ spicetime }) => ['welcome', 'elsewhere', 'refused'].includes(String(spicetime)))
  return page
}

describe('a host beside the owner', () => {
  test('sends pages elsewhere, and welcomes them once the owner is gone', async () => {
    const context = world.origin.context()
    const first = world.host(() => Promise.resolve(world.runtime), { name: 'two', context })
    expect((await visit(first)).first).toMatchObject({ spicetime: 'welcome', generation: first.generation })
    const runtime = new StandInRuntime()
    let starts = 0
    const second = world.host(() => (starts++, Promise.resolve(runtime)), { name: 'two' })
    expect((await visit(second)).first).toEqual({ spicetime: 'elsewhere' })
    expect(starts).toBe(0)
    context.kill()
    await until(() => expect(starts).toBe(1))
    expect((await visit(second)).first).toMatchObject({ spicetime: 'welcome', generation: second.generation })
  })

  test('takes over from a frozen owner, which sends its pages on when it wakes', async () => {
    const context = world.origin.context()
    const first = world.host(() => Promise.resolve(world.runtime), { name: 'two', context })
    const page = await visit(first)
    page.call(1, 'reached', ['event-1', 'final'])
    await until(() => expect(world.runtime.waiting.size).toBe(1))
    context.freeze()
    const second = world.host(() => Promise.resolve(new StandInRuntime()), { name: 'two' })
    expect((await visit(second)).first).toMatchObject({ spicetime: 'welcome', generation: second.generation })
    context.thaw()
    await page.heard(({ spicetime }) => spicetime === 'moved')
    await until(() => expect(world.runtime.closed).toBe(true))
    // The call is the page's to send again: no answer may end it.
    expect(page.answers).toEqual([])
    expect(first.open).toEqual({ clients: 0, streams: 0 })
    expect((await visit(first)).first).toEqual({ spicetime: 'elsewhere' })
    expect(world.origin.thefts).toBe(1)
  })

  test('holds the lock of its life before it welcomes', async () => {
    const context = world.origin.context()
    const host = world.host(() => Promise.resolve(world.runtime), { name: 'two', context })
    await visit(host)
    expect(world.origin.holder(lifeName(host.generation))).toBe(context.id)
    expect(world.origin.holder('spicetime-host/two/0')).toBe(context.id)
  })
})

describe('over the owner’s channel', () => {
  test('a page of another tab calls, watches and is freed when it goes', async () => {
    const host = world.host(() => Promise.resolve(world.runtime), { name: 'two' })
    await visit(host)
    const page = await reach('two')
    expect(page.first).toMatchObject({ spicetime: 'welcome', generation: host.generation })
    page.call(1, 'submitEvent', [put('me/tasks/1', 5)])
    await until(() => expect(page.answers).toHaveLength(1))
    const channels = world.origin.context().channels
    const stream = openBroadcastPort('stream-1', channels)
    const changes: unknown[] = []
    stream.addEventListener('message', (event) => changes.push(event.data))
    stream.start()
    page.ask(2, { method: 'open', stream: { kind: 'state', path: 'me/tasks/1' }, port: 'stream-1', credits: STREAM_CREDITS })
    await until(() => expect(changes).toHaveLength(1))
    world.runtime.set('me/tasks/1', 6)
    await until(() => expect(changes).toHaveLength(2))
    expect(host.open).toEqual({ clients: 2, streams: 1 })
    world.locks.freeAll()
    await until(() => expect(host.open).toEqual({ clients: 0, streams: 0 }))
    expect(world.runtime.watches.size).toBe(0)
  })

  test('a page of a build that speaks another protocol is refused', async () => {
    const host = world.host(() => Promise.resolve(world.runtime), { name: 'two' })
    await visit(host)
    const channels = world.origin.context().channels
    const page = new RawPage(openBroadcastPort('page-1', channels))
    pages.push(page)
    channels(ownerName('two')).postMessage({ spicetime: 'connect', channel: 'page-1' })
    page.post({ spicetime: 'hello', versions: [PROTOCOL_VERSION + 1], lock: 'x' })
    await page.heard(({ spicetime }) => spicetime === 'refused')
    expect(page.first).toMatchObject({ error: { code: 'PROTOCOL_MISMATCH', message: expect.stringContaining('Reload') as string } })
  })

  async function reach(name: string): Promise<RawPage> {
    const channels = world.origin.context().channels
    const page = new RawPage(openBroadcastPort('page-1', channels))
    channels(ownerName(name)).postMessage({ spicetime: 'connect', channel: 'page-1' })
    return greet(page)
  }
})

test('the inbox is looked into after the start, when a page is gone, and when a page says so', async () => {
  let looks = 0
  const drain = (): Promise<void> => Promise.resolve(void (looks += 1))
  const host = world.host(() => Promise.resolve(world.runtime), { name: 'two', inbox: () => Promise.resolve({ drain }) })
  await until(() => expect(looks).toBe(1))
  await visit(host)
  world.locks.freeAll()
  await until(() => expect(looks).toBe(2))
  world.origin.context().channels(ownerName('two')).postMessage({ spicetime: 'drain' })
  await until(() => expect(looks).toBe(3))
})

describe('an owner', () => {
  test('answers a ping at once, before it is welcomed and while calls wait', async () => {
    const host = world.host(() => new Promise(() => undefined), { name: 'two' })
    const { port1, port2 } = new MessageChannel()
    host.accept(port2)
    const page = new RawPage(port1)
    pages.push(page)
    page.post({ spicetime: 'ping', id: 1 })
    await page.heard(({ spicetime, id }) => spicetime === 'pong' && id === 1)
    await greet(page)
    page.call(1, 'networks', [])
    page.post({ spicetime: 'ping', id: 2 })
    await page.heard(({ spicetime, id }) => spicetime === 'pong' && id === 2)
    expect(page.answers).toEqual([])
  })

  test('of an older database closes for a newer one, and its pages move there', async () => {
    const old = world.host(() => Promise.resolve(world.runtime), { name: 'two', database: 1 })
    const page = await visit(old)
    const release = world.runtime.holdSubmits()
    page.ask(1, { method: 'submitEvent', subject: [put('me/tasks/1', 5)], options: { key: 'key-1' } })
    await until(() => expect(old.open.clients).toBe(1))
    const runtime = new StandInRuntime()
    const young = world.host(() => Promise.resolve(runtime), { name: 'two', database: 2 })
    expect((await visit(young)).first).toMatchObject({ spicetime: 'welcome', generation: young.generation })
    await page.heard(({ spicetime }) => spicetime === 'moved')
    expect(world.runtime.closed).toBe(true)
    expect((await visit(old)).first).toEqual({ spicetime: 'elsewhere' })
    expect(world.origin.thefts).toBe(0)
    release()
  })

  test('whose runtime never closes lets go all the same', async () => {
    world.runtime.close = () => new Promise(() => undefined)
    const old = world.host(() => Promise.resolve(world.runtime), { name: 'two', database: 1 })
    await visit(old)
    const young = world.host(() => Promise.resolve(new StandInRuntime()), { name: 'two', database: 2 })
    expect((await visit(young)).first).toMatchObject({ generation: young.generation })
  })

  test('whose database another has taken over moves its pages, and answers nothing with that failure', async () => {
    let overtaken = (): void => undefined
    const runtime = new StandInRuntime()
    runtime.networks = () => {
      overtaken()
      return Promise.reject(new SpiceTimeError('STORAGE_CLOSED', 'Another connection has taken over this database.'))
    }
    const runtimes = [runtime, world.runtime]
    const start = (context: StartContext): Promise<StandInRuntime> => {
      overtaken = () => context.onOvertaken()
      return Promise.resolve(runtimes.shift() ?? world.runtime)
    }
    const host = world.host(start, { name: 'two' })
    const page = await visit(host)
    page.call(1, 'networks', [])
    await page.heard(({ spicetime }) => spicetime === 'moved')
    expect(runtime.closed).toBe(true)
    expect(page.answers).toEqual([])
    // Nobody else holds the lock: this host goes on with a runtime of its own.
    const again = await visit(host)
    again.call(1, 'networks', [])
    await until(() => expect(again.answers).toHaveLength(1))
  })
})
