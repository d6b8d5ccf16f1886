import { afterEach, describe, expect, test, vi } from 'vitest'
import { webLocks } from '../runtime/platform/client-locks.js'
import { ownerLocks } from '../runtime/platform/owner-locks.js'
import { openBroadcastPort } from './broadcast-port.js'
import { servePage } from './page-host.js'
import { lifeName, ownerName, PROTOCOL_VERSION, STREAM_CREDITS, workerName } from './protocol.js'
import type { WirePort } from './wire-port.js'
import { RawPage } from './test/raw-page.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const freshName = (): string => `test-${crypto.randomUUID()}`
const until = (check: () => void | Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 5 })
const task = (value: number): object => ({ path: 'me/tasks/1', op: 'put', value })

async function greet(port: WirePort): Promise<RawPage> {
  const page = new RawPage(port)
  const lock = `client-${crypto.randomUUID()}`
  const release = await webLocks.hold(lock)
  closing.push(release, () => page.close())
  page.post({ spicetime: 'hello', versions: [PROTOCOL_VERSION], lock })
  await page.heard(({ spicetime }) => spicetime === 'welcome' || spicetime === 'elsewhere')
  return page
}

/** The answer to a call. */
async function call(page: RawPage, method: string, subject: readonly unknown[]): Promise<unknown> {
  const id = `${Math.random()}`
  page.ask(id, { method, subject, options: {} })
  await page.heard((message) => message['id'] === id)
  const answer = page.answers.find((message) => message['id'] === id)?.['value'] as { readonly value: unknown } | undefined
  return answer?.value
}

const valueOf = async (page: RawPage): Promise<unknown> =>
  ((await call(page, 'getState', ['me/tasks/1'])) as { readonly state: { readonly value: unknown } }).state.value

function dedicated(name: string, script: 'runtime' | 'wedged' = 'runtime'): { readonly worker: Worker; visit(): Promise<RawPage> } {
  const worker =
    script === 'wedged'
      ? new Worker(new URL('./test/wedged.worker.ts', import.meta.url), { type: 'module', name })
      : new Worker(new URL('./runtime.worker.ts', import.meta.url), { type: 'module', name })
  closing.push(() => worker.terminate())
  const visit = (): Promise<RawPage> => {
    const { port1, port2 } = new MessageChannel()
    worker.postMessage({ spicetime: 'port' }, [port2])
    return greet(port1)
  }
  return { worker, visit }
}

function reachOwner(name: string): Promise<RawPage> {
  const channel = crypto.randomUUID()
  const port = openBroadcastPort(channel)
  const owner = new BroadcastChannel(ownerName(name))
  closing.push(() => owner.close())
  owner.postMessage({ spicetime: 'connect', channel })
  return greet(port)
}

describe('the browser’s locks', () => {
  test('one holds, one steals, the first hears of it', async () => {
    const name = freshName()
    const stop = new AbortController()
    const first = await ownerLocks.own(name, stop.signal)
    expect(await ownerLocks.holder(name)).toMatch(/./)
    const waiting = ownerLocks.own(name, stop.signal)
    const second = await ownerLocks.steal(name)
    await first.lost
    stop.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
    second.release()
    await until(async () => expect(await ownerLocks.holder(name)).toBeUndefined())
  })

  test('work is done alone or not at all', async () => {
    const name = freshName()
    let inner: boolean | undefined
    const outer = await ownerLocks.alone(name, async () => {
      inner = await ownerLocks.alone(name, () => Promise.reject(new Error('not alone')))
    })
    expect([outer, inner]).toEqual([true, false])
    await expect(ownerLocks.alone(name, () => Promise.reject(new Error('work')))).rejects.toThrow('work')
  })
})

describe('dedicated workers', () => {
  test('one owns the database; a tab whose worker does not reaches it over the channel, and watches', async () => {
    const name = freshName()
    const own = await dedicated(name).visit()
    expect(own.first).toMatchObject({ spicetime: 'welcome', kind: 'worker' })
    await call(own, 'submitEvent', [task(1)])
    expect((await dedicated(name).visit()).first).toEqual({ spicetime: 'elsewhere' })
    const other = await reachOwner(name)
    expect(other.first).toMatchObject({ spicetime: 'welcome', generation: own.first?.['generation'] })
    expect(await valueOf(other)).toBe(1)
    const channel = crypto.randomUUID()
    const stream = new RawPage(openBroadcastPort(channel))
    closing.push(() => stream.close())
    other.ask('open', { method: 'open', stream: { kind: 'state', path: 'me/tasks/1' }, port: channel, credits: STREAM_CREDITS })
    await stream.heard((message) => 'change' in message)
    await call(own, 'submitEvent', [task(2)])
    await stream.heard((message) => JSON.stringify(message).includes('"value":2'))
  })

  test('a page hears of the owner’s end by its life lock, and the next in the queue goes on with what was there', async () => {
    const name = freshName()
    const first = dedicated(name)
    const page = await first.visit()
    await call(page, 'submitEvent', [task(3)])
    const second = dedicated(name)
    expect((await second.visit()).first).toEqual({ spicetime: 'elsewhere' })
    const ended = webLocks.whenFree(lifeName(String(page.first?.['generation'])), new AbortController().signal)
    first.worker.terminate()
    await ended
    await until(async () => expect((await second.visit()).first).toMatchObject({ spicetime: 'welcome' }))
    expect(await valueOf(await second.visit())).toBe(3)
  })

  test('an owner in an endless loop is robbed, and the database is open to the next one', async () => {
    const name = freshName()
    const page = await dedicated(name, 'wedged').visit()
    await call(page, 'submitEvent', [task(4)])
    const wedge = new BroadcastChannel(`wedge-${name}`)
    closing.push(() => wedge.close())
    wedge.postMessage('now')
    const next = await dedicated(name).visit()
    expect(next.first).toMatchObject({ spicetime: 'welcome' })
    expect(await valueOf(next)).toBe(4)
  })
})

describe('a SharedWorker', () => {
  test('of a higher suffix leaves the database to the one that lives', async () => {
    const name = freshName()
    const start = (suffix: number): SharedWorker =>
      new SharedWorker(new URL('./runtime.shared-worker.ts', import.meta.url), { type: 'module', name: workerName(name, suffix) })
    const visit = (suffix: number): Promise<RawPage> => greet(start(suffix).port)
    expect((await visit(0)).first).toMatchObject({ spicetime: 'welcome', kind: 'shared-worker' })
    expect((await visit(1)).first).toEqual({ spicetime: 'elsewhere' })
    const held = (await navigator.locks.query()).held?.map((lock) => lock.name) ?? []
    expect(held).toEqual(expect.arrayContaining([`spicetime-host/${name}/0`, `spicetime-host/${name}/1`]))
  })
})

describe('the page itself', () => {
  test('serves itself and others where there is no worker', async () => {
    const name = freshName()
    const [first, second] = [await servePage(name), await servePage(name)]
    const page = await greet(first.port)
    expect(page.first).toMatchObject({ spicetime: 'welcome', kind: 'page' })
    await call(page, 'submitEvent', [task(5)])
    const again = await greet(second.port)
    expect(again.first).toEqual(page.first)
    expect(await valueOf(again)).toBe(5)
    expect((await dedicated(name).visit()).first).toEqual({ spicetime: 'elsewhere' })
    expect(await valueOf(await reachOwner(name))).toBe(5)
  })
})
