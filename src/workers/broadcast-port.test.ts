import { afterEach, beforeEach, expect, test } from 'vitest'
import { turn } from '../runtime/testing/manual-platform.js'
import { acceptBroadcastPort, openBroadcastPort } from './broadcast-port.js'
import { MemoryOrigin } from './test/memory-origin.js'
import type { WirePort } from './wire-port.js'

let origin: MemoryOrigin
const ports: WirePort[] = []
beforeEach(() => {
  origin = new MemoryOrigin()
})
afterEach(() => {
  for (const port of ports.splice(0)) port.close()
})

function heardBy(port: WirePort): unknown[] {
  const heard: unknown[] = []
  port.addEventListener('message', (event) => heard.push(event.data))
  port.start()
  ports.push(port)
  return heard
}

test('what was posted before the other end was there comes in order, as it was then', async () => {
  const opening = openBroadcastPort('one', origin.context().channels)
  const answers = heardBy(opening)
  const first = { n: 1 }
  opening.postMessage(first)
  first.n = 0
  opening.postMessage({ n: 2 })
  await turn()
  const accepting = acceptBroadcastPort('one', origin.context().channels)
  const heard = heardBy(accepting)
  accepting.postMessage('hello')
  await turn()
  opening.postMessage({ n: 3 })
  await turn()
  expect(heard).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  // The word that it is there is for the port alone.
  expect(answers).toEqual(['hello'])
})

test('what comes before start waits for it', async () => {
  const opening = openBroadcastPort('one', origin.context().channels)
  const accepting = acceptBroadcastPort('one', origin.context().channels)
  ports.push(accepting)
  accepting.postMessage('early')
  await turn()
  expect(heardBy(opening)).toEqual(['early'])
})

test('a closed end is silent, and leaves its channel', async () => {
  const opening = openBroadcastPort('one', origin.context().channels)
  const accepting = acceptBroadcastPort('one', origin.context().channels)
  const [answers, heard] = [heardBy(opening), heardBy(accepting)]
  await turn()
  opening.close()
  opening.postMessage('late')
  accepting.postMessage('too late')
  await turn()
  expect([answers, heard]).toEqual([[], []])
  accepting.close()
  expect(origin.joined.size).toBe(0)
})

test('a listener that was taken away hears nothing more', async () => {
  const opening = openBroadcastPort('one', origin.context().channels)
  const accepting = acceptBroadcastPort('one', origin.context().channels)
  ports.push(opening, accepting)
  const heard: unknown[] = []
  const listener = (event: MessageEvent<unknown>): void => {
    heard.push(event.data)
    opening.removeEventListener('message', listener)
  }
  opening.addEventListener('message', listener)
  opening.start()
  accepting.postMessage(1)
  accepting.postMessage(2)
  await turn()
  expect(heard).toEqual([1])
})

test('over real channels, what can be transferred is copied', async () => {
  const name = `port-${crypto.randomUUID()}`
  const opening = openBroadcastPort(name)
  const buffer = Uint8Array.of(1, 2, 3).buffer
  opening.postMessage({ buffer }, [buffer])
  const accepting = acceptBroadcastPort(name)
  const heard = new Promise((resolve) => accepting.addEventListener('message', (event) => resolve(event.data)))
  accepting.start()
  ports.push(opening, accepting)
  expect(await heard).toEqual({ buffer: Uint8Array.of(1, 2, 3).buffer })
  expect(buffer.byteLength).toBe(3)
})
