import { expect, test } from 'vitest'
import { SignalQueue } from './signal-queue.js'
import type { ZomeSignal } from './zome-calls.js'

const DNA = new Uint8Array(39)
const from = (member: number, bytes = 1): ZomeSignal => ({
  from: new Uint8Array(39).fill(member),
  payload: new Uint8Array(bytes).fill(member),
})

/** One that hears nothing until it is let go on. */
function held() {
  const heard: number[] = []
  const failures: unknown[] = []
  let goOn: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (goOn = resolve))
  const queue = new SignalQueue(
    async (_dna, signal) => {
      await gate
      heard.push(signal.from[0] ?? -1)
      if (signal.payload.length === 0) throw new Error('unheard of')
    },
    (error) => void failures.push(error),
  )
  return { queue, heard, failures, goOn }
}

test('signals are heard as they came, one that fails among them', async () => {
  const { queue, heard, failures, goOn } = held()
  queue.add(DNA, from(1))
  queue.add(DNA, from(2, 0))
  queue.add(DNA, from(1))
  goOn()
  await queue.settled()
  expect(heard).toEqual([1, 2, 1])
  expect(failures).toHaveLength(1)
  expect(queue.dropped).toBe(0)
})

test('a member who says more than a quarter is heard no further, and counted; the others are', async () => {
  const { queue, heard, goOn } = held()
  for (let count = 0; count < 1000; count++) queue.add(DNA, from(1))
  queue.add(DNA, from(2))
  expect(queue.dropped).toBe(1000 - 64)
  goOn()
  await queue.settled()
  expect(heard).toEqual([...Array<number>(64).fill(1), 2])
  // What was heard takes no room any more.
  queue.add(DNA, from(1))
  await queue.settled()
  expect(heard.at(-1)).toBe(1)
  expect(queue.dropped).toBe(1000 - 64)
})

test('many members together fill it too, and so do bytes', () => {
  const many = held().queue
  for (let count = 0; count < 1000; count++) many.add(DNA, from(count % 250))
  expect(many.dropped).toBe(1000 - 256)
  const large = held().queue
  for (let count = 0; count < 20; count++) large.add(DNA, from(1, 64 * 1024))
  expect(large.dropped).toBe(20 - 8)
  for (let member = 2; member < 12; member++) for (let count = 0; count < 8; count++) large.add(DNA, from(member, 64 * 1024))
  expect(large.dropped).toBe(12 + 80 - 24)
})
