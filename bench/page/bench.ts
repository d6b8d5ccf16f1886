import { connect } from 'spicetime'
import type { RuntimeClient } from 'spicetime'
import { getRaw, listRaw, openRaw, putRaw, putRawBatch } from './raw-idb.js'
import { keyOf, taskRecord } from './records.js'

/** Milliseconds since 1970 with a fraction: comparable between tabs. */
function now(): number {
  return performance.timeOrigin + performance.now()
}

let client: Promise<RuntimeClient> | undefined
const opened = now()

function runtime(): Promise<RuntimeClient> {
  client ??= connect()
  return client
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (count / (performance.now() - start)) * 1000
}

let run = Date.now() % 1_000_000

/** What `bench/run.mjs` calls from outside; every figure is of one round. */
const bench = {
  async space(): Promise<string> {
    const connected = await runtime()
    const known = (await connected.spaces()).find((space) => space.name === 'Bench')
    return (known ?? (await connected.createSpace({ name: 'Bench' }))).id
  },

  async rawSingles(count: number): Promise<number> {
    const database = await openRaw('raw-write')
    const prefix = `s${run++}-`
    const rate = await perSecond(count, async () => {
      for (let index = 0; index < count; index++) await putRaw(database, prefix + keyOf(index), taskRecord(index))
    })
    database.close()
    return rate
  },

  async singles(space: string, count: number): Promise<number> {
    const connected = await runtime()
    const collection = `${space}/s${run++}`
    return await perSecond(count, async () => {
      for (let index = 0; index < count; index++)
        await connected.submitEvent({ path: `${collection}/${keyOf(index)}`, op: 'put', value: taskRecord(index) })
    })
  },

  async inFlight(space: string, options: { count: number; width: number }): Promise<number> {
    const connected = await runtime()
    const collection = `${space}/f${run++}`
    let next = 0
    const lane = async (): Promise<void> => {
      for (let index = next++; index < options.count; index = next++) {
        await connected.submitEvent({ path: `${collection}/${keyOf(index)}`, op: 'put', value: taskRecord(index) })
      }
    }
    return await perSecond(options.count, () => Promise.all(Array.from({ length: options.width }, lane)))
  },

  async rawBatch(count: number): Promise<number> {
    const database = await openRaw(`raw-batch-${run++}`)
    const rate = await perSecond(count, () => putRawBatch(database, 0, count))
    database.close()
    return rate
  },

  async batch(space: string, count: number): Promise<number> {
    const connected = await runtime()
    const collection = `${space}/b${run++}`
    const inputs = Array.from({ length: count }, (_, index) => ({
      path: `${collection}/${keyOf(index)}`,
      op: 'put' as const,
      value: taskRecord(index),
    }))
    return await perSecond(count, () => connected.submitEvents(inputs))
  },

  async warmReads(space: string, count: number): Promise<number[]> {
    const connected = await runtime()
    const path = `${space}/r${run++}/1`
    await connected.submitEvent({ path, op: 'put', value: taskRecord(1) })
    const times: number[] = []
    for (let index = 0; index < count; index++) {
      const start = performance.now()
      await connected.getState(path)
      times.push(performance.now() - start)
    }
    return times
  },

  // Tab to tab: B listens first, then A sends.

  async rawListen(count: number): Promise<number[]> {
    const database = await openRaw('raw-tabs')
    const channel = new BroadcastChannel('raw-tabs')
    const times: number[] = []
    await new Promise<void>((resolve) => {
      channel.onmessage = async ({ data }: MessageEvent<{ key: string; sent: number }>) => {
        await getRaw(database, data.key)
        times.push(now() - data.sent)
        channel.postMessage({ seen: data.key })
        if (times.length === count) resolve()
      }
      channel.postMessage({ ready: true })
    })
    database.close()
    return times
  },

  async rawSend(count: number): Promise<void> {
    const database = await openRaw('raw-tabs')
    const channel = new BroadcastChannel('raw-tabs')
    for (let index = 0; index < count; index++) {
      const seen = new Promise((resolve) => (channel.onmessage = resolve))
      const sent = now()
      await putRaw(database, keyOf(index), taskRecord(index))
      channel.postMessage({ key: keyOf(index), sent })
      await seen
    }
    database.close()
  },

  async listen(path: string, count: number): Promise<number[]> {
    const connected = await runtime()
    const times: number[] = []
    for await (const { value } of connected.watchState<{ sent?: number }>(path)) {
      if (value?.sent === undefined) continue
      times.push(now() - value.sent)
      if (times.length === count) break
      await connected.submitEvent({ path: `${path}-seen`, op: 'put', value: value.sent })
    }
    return times
  },

  async send(path: string, count: number): Promise<void> {
    const connected = await runtime()
    const seen = connected.watchState<number>(`${path}-seen`)
    for (let index = 0; index < count; index++) {
      // Past the frame, so that a held-back second change would show, and apart from the answer of the other tab.
      await new Promise((resolve) => setTimeout(resolve, 20))
      const sent = now()
      await connected.submitEvent({ path, op: 'put', value: { ...taskRecord(index), sent } })
      if (index === count - 1) break
      for await (const { value } of connected.watchState<number>(`${path}-seen`)) if (value === sent) break
    }
    await seen.return?.()
  },

  // Many watches.

  async rawManyListen(count: number): Promise<number> {
    const channel = new BroadcastChannel('raw-many')
    let seen = 0
    return await new Promise((resolve) => {
      channel.onmessage = () => {
        if (++seen === count) resolve(now())
      }
    })
  },

  async rawManySend(count: number): Promise<number> {
    const database = await openRaw('raw-many')
    const channel = new BroadcastChannel('raw-many')
    const start = now()
    for (let index = 0; index < count; index++) {
      await putRaw(database, keyOf(index), taskRecord(index))
      channel.postMessage(keyOf(index))
    }
    database.close()
    return start
  },

  async watchMany(collection: string, count: number): Promise<number> {
    const connected = await runtime()
    const watchOne = async (index: number): Promise<void> => {
      for await (const { value } of connected.watchState(`${collection}/${keyOf(index)}`)) if (value !== undefined) break
    }
    const all = Promise.all(Array.from({ length: count }, (_, index) => watchOne(index)))
    await all
    return now()
  },

  async updateMany(collection: string, count: number): Promise<number> {
    const connected = await runtime()
    const start = now()
    await Promise.all(
      Array.from({ length: count }, (_, index) =>
        connected.submitEvent({ path: `${collection}/${keyOf(index)}`, op: 'put', value: taskRecord(index) }),
      ),
    )
    return start
  },

  // A large store, opened anew.

  async fillRaw(count: number): Promise<void> {
    const database = await openRaw(`raw-large-${count}`)
    for (let from = 0; from < count; from += 10_000) await putRawBatch(database, from, Math.min(10_000, count - from))
    database.close()
  },

  async fill(space: string, options: { from: number; to: number }): Promise<void> {
    const connected = await runtime()
    for (let from = options.from; from < options.to; from += 5000) {
      const inputs = Array.from({ length: Math.min(5000, options.to - from) }, (_, index) => ({
        path: `${space}/large/${keyOf(from + index)}`,
        op: 'put' as const,
        value: taskRecord(from + index),
      }))
      await connected.submitEvents(inputs)
    }
  },

  /** Milliseconds from the start of the page's script to the first record, and to the list of all. */
  async rawFirst(count: number): Promise<{ first: number; list: number }> {
    const start = performance.now()
    const database = await openRaw(`raw-large-${count}`)
    await getRaw(database, keyOf(count >> 1))
    const first = performance.now() - start
    const all = await listRaw(database)
    if (all.length !== count) throw new Error(`raw listed ${all.length} of ${count}`)
    return { first, list: performance.now() - start }
  },

  /** The same, asked of a SharedWorker. */
  async rawFirstInWorker(count: number): Promise<number> {
    const start = performance.now()
    const worker = new SharedWorker(new URL('./raw-worker.ts', import.meta.url), { type: 'module', name: 'raw' })
    await new Promise((resolve) => {
      worker.port.onmessage = resolve
      worker.port.postMessage(count)
    })
    return performance.now() - start
  },

  async first(space: string, options: { count: number; list: boolean }): Promise<{ first: number; list: number }> {
    const start = performance.now()
    const connected = await runtime()
    const { value } = await connected.getState(`${space}/large/${keyOf(options.count >> 1)}`)
    if (value === undefined) throw new Error('the first record is missing')
    const first = performance.now() - start
    if (!options.list) return { first, list: 0 }
    const all = await connected.getState<Record<string, unknown>>(`${space}/large`)
    const listed = Object.keys(all.value ?? {}).length
    if (listed !== options.count) throw new Error(`listed ${listed} of ${options.count}`)
    return { first, list: performance.now() - start }
  },

  opened: () => opened,
}

export type Bench = typeof bench

Object.assign(globalThis, { bench })
