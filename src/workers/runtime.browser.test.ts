import { afterEach, expect, test, vi } from 'vitest'
import { connect } from '../runtime/connect.js'
import type { RuntimeClient } from '../runtime/runtime-client.js'
import type { Value } from '../runtime/model/value.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const freshName = (): string => `test-${crypto.randomUUID()}`

// Without `extendedLifetime`, so that the worker ends with its last page.
const worker = (name: string): SharedWorker =>
  new SharedWorker(new URL('./runtime.shared-worker.ts', import.meta.url), { type: 'module', name })

async function open(name: string): Promise<RuntimeClient> {
  const client = await connect({ name, worker })
  closing.push(() => client.close())
  return client
}

test('what one client submits another reads and watches, document by document and above', async () => {
  const name = freshName()
  const [a, b] = await Promise.all([open(name), open(name)])
  const document = b.watchState<{ title: string }>('me/tasks/1')
  const tree = b.watchState('me/tasks')
  expect((await document.next()).value?.value).toBeUndefined()
  expect((await tree.next()).value?.value).toBeUndefined()
  const id = await a.submitEvent({ path: 'me/tasks/1', op: 'put', value: { title: 'Ship it', done: false } })
  expect((await document.next()).value).toMatchObject({ value: { title: 'Ship it', done: false }, heads: [id], level: 'local' })
  expect((await tree.next()).value?.value).toEqual({ '1': { title: 'Ship it', done: false } })
  await a.submitEvent({ path: 'me/tasks/1', op: 'patch', value: { done: true } })
  expect((await b.getState('me/tasks/1')).value).toEqual({ title: 'Ship it', done: true })
  expect((await b.getState('me')).value).toEqual({ tasks: { '1': { title: 'Ship it', done: true } } })
  await a.undo()
  expect((await b.getState('me/tasks/1/done')).value).toBe(false)
  await a.submitEvent({ path: 'me/tasks/1', op: 'remove' })
  let last: Value | undefined = 1
  while (last !== undefined) last = (await tree.next()).value?.value
  await a.reached(id, 'local')
})

test('errors of the real runtime cross whole', async () => {
  const client = await open(freshName())
  await expect(client.getState('no path!')).rejects.toMatchObject({ code: 'PATH_MALFORMED', context: { path: 'no path!' } })
  await expect(client.submitEvent({ path: 'me/tasks/1', op: 'put', value: Number.NaN })).rejects.toMatchObject({
    code: 'VALUE_NOT_ENCODABLE',
  })
  await expect(client.watchState('').next()).rejects.toMatchObject({ code: 'PATH_MALFORMED' })
  await expect(client.undo()).rejects.toMatchObject({ code: 'NOTHING_TO_UNDO' })
})

test('10,000 events in one call, listed by another client', async () => {
  const name = freshName()
  const [a, b] = [await open(name), await open(name)]
  const events = Array.from(
    { length: 10_000 },
    (_, index) => ({ path: `me/tasks/${index}`, op: 'put', value: { title: `Task ${index}`, order: index } }) as const,
  )
  const ids = await a.submitEvents(events)
  expect(new Set(ids).size).toBe(10_000)
  const { value } = await b.getState<Record<string, { order: number }>>('me/tasks')
  expect(Object.keys(value ?? {})).toHaveLength(10_000)
  expect(value?.['9999']).toEqual({ title: 'Task 9999', order: 9999 })
})

test('a worker that ended with its last page left everything for the next one', async () => {
  const name = freshName()
  const frame = document.createElement('iframe')
  frame.name = name
  const script = new URL('./test/runtime-frame.ts', import.meta.url).href
  const submitted = new Promise<unknown>((resolve) =>
    addEventListener('message', (event) => event.source === frame.contentWindow && resolve(event.data)),
  )
  // Vitest rewrites dynamic imports for pages that have its runner.
  const runner = '<script>globalThis.__vitest_browser_runner__ = { wrapDynamicImport: (load) => load() }</script>'
  frame.srcdoc = `${runner}<script type="module" src="${script}"></script>`
  document.body.append(frame)
  const generation = await submitted
  expect(generation).toMatch(/^[0-9a-f]{16}$/)
  frame.remove()
  await vi.waitFor(
    async () => {
      const client = await open(name)
      if (client.connection.generation === generation) await client.close()
      expect(client.connection.generation).not.toBe(generation)
    },
    { timeout: 10_000, interval: 50 },
  )
  const client = await open(name)
  expect((await client.getState('me/tasks/kept')).value).toEqual({ title: 'kept' })
})

test('a routing policy that one client defines holds for another, and is refused whole when it is malformed', async () => {
  const name = freshName()
  const [a, b] = [await open(name), await open(name)]
  await a.definePolicy({ prefer: { cost: 3, latency: 0, success: 1 }, budgets: { solana: { lamportsPerDay: 9_000 } } })
  await expect(b.definePolicy({ prefer: 'cheap', budgets: { solana: { bytes: -1 } } })).rejects.toMatchObject({
    code: 'SETTINGS_MALFORMED',
  })
  expect(await b.policy()).toEqual({ prefer: { cost: 3, latency: 0, success: 1 }, budgets: { solana: { lamportsPerDay: 9_000 } } })
  const solana = (await b.networks()).find(({ network }) => network === 'solana')
  expect(solana).toMatchObject({ budget: { lamportsPerDay: 9_000 }, spentToday: 0 })
  const { id } = await b.createSpace({ name: 'Acme' })
  const event = await b.submitEvent({ path: `${id}/tasks/1`, op: 'put', value: 1 })
  expect((await a.trace(event)).decision?.policy).toEqual({ cost: 3, latency: 0, success: 1 })
})
