import { expect, test } from 'vitest'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import { chosenHost } from './chosen-host.js'
import type { Host, HostPort } from './host.js'

const portOf = (port: MessagePort): HostPort => ({
  port,
  running: true,
  onFailure: () => () => undefined,
  settled: () => undefined,
})

function working(): { readonly host: Host; readonly opened: boolean[]; readonly port: MessagePort } {
  const opened: boolean[] = []
  const { port1 } = new MessageChannel()
  const open = (silent: boolean): Promise<HostPort> => {
    opened.push(silent)
    return Promise.resolve(portOf(port1))
  }
  return { host: { open, openOwner: async () => portOf(port1) }, opened, port: port1 }
}

const refusing = (code: 'WORKER_FAILED' | 'PROTOCOL_MISMATCH'): Host => ({
  open: () => Promise.reject(new SpiceTimeError(code, 'no')),
  openOwner: () => expect.fail('it was never reached'),
})

test('takes the first host that the browser has, and stays with it', async () => {
  const { host, opened, port } = working()
  const chosen = chosenHost([() => undefined, () => Promise.resolve(host), () => expect.fail('a later one was tried')])
  expect((await chosen.open(false)).port).toBe(port)
  await chosen.open(true)
  expect(opened).toEqual([false, true])
})

test('a host that the browser refuses gives way to the next; any other failure does not', async () => {
  const { host, port } = working()
  expect((await chosenHost([() => refusing('WORKER_FAILED'), () => host]).open(false)).port).toBe(port)
  await expect(chosenHost([() => refusing('PROTOCOL_MISMATCH'), () => host]).open(false)).rejects.toMatchObject({
    code: 'PROTOCOL_MISMATCH',
  })
})

test('a host whose script failed gives way once it is told to, the last one never', async () => {
  const [first, second] = [working(), working()]
  const chosen = chosenHost([() => first.host, () => second.host])
  await chosen.open(false)
  expect(chosen.fallBack?.()).toBe(true)
  expect((await chosen.open(false)).port).toBe(second.port)
  expect(chosen.fallBack?.()).toBe(false)
})

test('a browser that has none is told what to do', async () => {
  await expect(chosenHost([() => undefined]).open(false)).rejects.toMatchObject({
    code: 'WORKER_UNAVAILABLE',
    message: expect.stringContaining('https') as string,
  })
})

test('once every kind has failed, the next try begins with the best one again', async () => {
  const first = working()
  let online = false
  const chosen = chosenHost([
    () => (online ? first.host : refusing('WORKER_FAILED')),
    () => Promise.reject(new TypeError('Failed to fetch dynamically imported module')),
  ])
  await expect(chosen.open(false)).rejects.toMatchObject({ code: 'WORKER_FAILED', message: expect.stringContaining('again') as string })
  expect(chosen.fallBack?.()).toBe(false)
  online = true
  expect((await chosen.open(false)).port).toBe(first.port)
})
