import { connect } from 'spicetime'
import type { RuntimeClient } from 'spicetime'

const MEGABYTE = 1_000_000
/** Most that getRandomValues gives at once. */
const RANDOM = 65_536

let client: Promise<{ readonly runtime: RuntimeClient; readonly space: string }> | undefined

function opened(): Promise<{ readonly runtime: RuntimeClient; readonly space: string }> {
  client ??= open()
  return client
}

async function open(): Promise<{ readonly runtime: RuntimeClient; readonly space: string }> {
  const runtime = await connect()
  await runtime.configureNetworks({ ipfs: {} })
  const known = (await runtime.spaces()).find(({ name }) => name === 'Files')
  return { runtime, space: (known ?? (await runtime.createSpace({ name: 'Files' }))).id }
}

let file: Blob | undefined

/** What `bench/ipfs-files.mjs` calls from outside. */
const bench = {
  /** Loads all that a file needs, so that what is measured later is the file's. */
  async warm(): Promise<void> {
    const { runtime, space } = await opened()
    await runtime.putFile(`${space}/files/warm`, new Blob(['warm']))
  },

  /** Bytes that no store can make smaller, which a browser keeps outside of its pages. */
  make(megabytes: number): void {
    const parts = Array.from(
      { length: Math.ceil((megabytes * MEGABYTE) / RANDOM) },
      () => new Blob([crypto.getRandomValues(new Uint8Array(RANDOM))]),
    )
    file = new Blob(parts).slice(0, megabytes * MEGABYTE)
  },

  async put(name: string, isPublic: boolean): Promise<number> {
    const { runtime, space } = await opened()
    const start = performance.now()
    await runtime.putFile(`${space}/files/${name}`, file ?? new Blob(), { public: isPublic })
    return performance.now() - start
  },

  async putPlain(): Promise<number> {
    const worker = new Worker(new URL('./helia-worker.ts', import.meta.url), { type: 'module' })
    try {
      return await new Promise((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<number>) => resolve(data)
        worker.onerror = ({ message }) => reject(new Error(message))
        worker.postMessage(file)
      })
    } finally {
      worker.terminate()
    }
  },

  /** Milliseconds to the first byte, and to the last one of the last bytes of the file. */
  async read(name: string, last: number): Promise<{ first: number; range: number; whole: number }> {
    const { runtime, space } = await opened()
    const path = `${space}/files/${name}`
    const began = performance.now()
    const { reference, stream } = await runtime.getFile(path)
    const reader = stream.getReader()
    await reader.read()
    const first = performance.now() - began
    for (let read = await reader.read(); !read.done;) read = await reader.read()
    const whole = performance.now() - began
    const again = performance.now()
    const end = await runtime.getFile(path, { offset: reference.size - last, length: last })
    const bytes = await new Response(end.stream).arrayBuffer()
    const range = performance.now() - again
    const wanted = await file?.slice(reference.size - last).arrayBuffer()
    const same = wanted !== undefined && new Uint8Array(wanted).every((byte, at) => byte === new Uint8Array(bytes)[at])
    if (bytes.byteLength !== last || !same) throw new Error('other bytes came back')
    return { first, range, whole }
  },
}

Object.assign(globalThis, { bench })
