import { beforeEach, describe, expect, test } from 'vitest'
import { decodeFields } from './codec/dag-cbor.js'
import { createLocalClient } from './local-client.js'
import { fileReference } from './model/file.js'
import { nodePlatform } from './platform/node.js'
import type { RuntimeClient } from './runtime-client.js'
import { openMemoryStore } from './storage/memory/memory-store.js'
import { prefixRange } from './storage/store.js'
import { Replica } from './testing/replicas.js'

let device: Replica
let client: RuntimeClient
let space: string

beforeEach(async () => {
  device = await Replica.open(nodePlatform)
  client = createLocalClient({ runtime: device.runtime, diagnostics: device.diagnostics, generation: 'test', since: 0 })
  await client.configureNetworks({ ipfs: {} })
  space = (await client.createSpace({ name: 'Acme', id: 'acme', policies: { orders: 'consensus', logs: 'last-writer' } })).id
  return async () => await client.close()
})

const BYTES = crypto.getRandomValues(new Uint8Array(60_000))

async function read(path: string, options = {}): Promise<Uint8Array> {
  const { stream } = await client.getFile(path, options)
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

async function cidAt(path: string): Promise<string | undefined> {
  return fileReference((await client.getState(path)).value)?.cid
}

function streamOf(...parts: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part)
      controller.close()
    },
  })
}

describe('a file', () => {
  test.each([
    ['a team document', 'acme/tasks/1/photo', ['team', 'storage'], {}],
    ['a whole team document', 'acme/photos/1', ['team', 'storage'], {}],
    ['a document ordered by consensus', 'acme/orders/1/scan', ['consensus', 'storage'], {}],
    ['a document of its last writer', 'acme/logs/1/dump', ['storage'], { requires: 'storage' }],
    ['what never leaves the device', 'me/notes/1/photo', ['local'], {}],
  ] as const)('in %s: put, read, undone', async (...[, path, needs, options]) => {
    const file = new File([BYTES], 'Übung 🌶️.png', { type: 'image/png' })
    const id = await client.submitEvent({ path, op: 'file', value: file, ...options })
    expect((await client.trace(id)).needs).toEqual(needs)
    const reference = fileReference((await client.getState(path)).value)
    expect(reference).toMatchObject({ size: 60_000, type: 'image/png', name: 'Übung 🌶️.png' })
    expect(reference?.sealed).toBeDefined()
    expect(await read(path)).toEqual(BYTES)
    expect(await read(path, { offset: 59_990, length: 5 })).toEqual(BYTES.slice(59_990, 59_995))
    expect(await client.fileInfo(path)).toMatchObject({ path, event: id, author: device.runtime.me, availability: { level: 'sent' } })
    await client.undo({ under: path })
    await expect(client.getFile(path)).rejects.toMatchObject({ code: 'FILE_UNKNOWN' })
  })

  test('comes from a stream, with progress, and is there after a restart', async () => {
    const told: number[] = []
    const path = 'acme/tasks/1/photo'
    const stream = streamOf(BYTES, BYTES, BYTES, BYTES, BYTES, BYTES, BYTES, BYTES, BYTES, BYTES)
    await client.putFile(path, stream, { name: 'ten', onProgress: (bytes) => told.push(bytes) })
    expect(told.at(-1)).toBe(600_000)
    await device.restart()
    client = createLocalClient({ runtime: device.runtime, diagnostics: device.diagnostics, generation: 'two', since: 0 })
    expect((await read(path, { offset: 540_000 })).length).toBe(60_000)
  })

  test('in the open has the CID that every implementation gives it', async () => {
    await client.putFile('acme/tasks/1/hello', new Blob(['hello world']), { public: true })
    // ipfs add --cid-version=1 --raw-leaves
    expect(await cidAt('acme/tasks/1/hello')).toBe('bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e')
  })

  test('that two add is stored once, and each names it', async () => {
    const [one, two] = ['acme/tasks/1/a', 'acme/tasks/2/a']
    await Promise.all([one, two].map((path) => client.submitEvent({ path, op: 'file', value: new Blob([BYTES]) })))
    expect(await cidAt(one)).toBe(await cidAt(two))
  })

  test('whose event is refused leaves no content behind, unless another event names it', async () => {
    const path = 'acme/tasks/1/photo'
    await client.submitEvent({ path: 'acme/tasks/1', op: 'put', value: 'text' })
    await expect(client.submitEvent({ path, op: 'file', value: new Blob([BYTES]) })).rejects.toMatchObject({ code: 'VALUE_TYPE_CLASH' })
    expect(await kept()).toHaveLength(0)
    expect(device.disk.blocks.size).toBe(0)
    await client.submitEvent({ path: 'acme/tasks/2/photo', op: 'file', value: new Blob([BYTES]) })
    await expect(client.submitEvent({ path, op: 'file', value: new Blob([BYTES]) })).rejects.toMatchObject({ code: 'VALUE_TYPE_CLASH' })
    expect(await kept()).toContain(`n/ipfs/kept/${await cidAt('acme/tasks/2/photo')}`)
    expect(await read('acme/tasks/2/photo')).toEqual(BYTES)
  })

  test('that is called off leaves nothing behind', async () => {
    const controller = new AbortController()
    const put = client.putFile('acme/tasks/1/photo', new Blob([new Uint8Array(3_000_000)]), {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    })
    await expect(put).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(client.getFile('acme/tasks/1/photo')).rejects.toMatchObject({ code: 'FILE_UNKNOWN' })
    expect(await kept()).toHaveLength(0)
  })

  test('whose source fails says so and leaves nothing behind', async () => {
    const failing = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(BYTES)
        controller.error(new Error('unplugged'))
      },
    })
    await expect(client.putFile('acme/tasks/1/photo', failing)).rejects.toMatchObject({ code: 'CONTENT_UNAVAILABLE' })
    expect(await kept()).toHaveLength(0)
  })

  test('that is no file is refused', async () => {
    const value = { cid: 'nonsense', size: 1, type: '', name: '' }
    await expect(client.submitEvent({ path: 'acme/tasks/1/a', op: 'file', value })).rejects.toMatchObject({ code: 'OPERATION_MALFORMED' })
    await expect(client.putFile('nowhere/tasks/1/a', new Blob(['x']))).rejects.toMatchObject({ code: 'SPACE_UNKNOWN' })
    await expect(client.putFile('acme//1', new Blob(['x']))).rejects.toMatchObject({ code: 'PATH_MALFORMED' })
  })

  test("names its content in a team's event too, and reaches another member", async () => {
    const id = await client.submitEvent({ path: `${space}/tasks/1/photo`, op: 'file', value: new Blob([BYTES]) })
    const event = (await device.log()).find((one) => one.id === id)
    expect(event?.body.update).toBeInstanceOf(Uint8Array)
    expect(fileReference(event?.body.value)?.cid).toBe(await cidAt('acme/tasks/1/photo'))
    const other = await Replica.open(nodePlatform)
    await other.runtime.joinSpace(await client.invite(space))
    await other.receive(...(await device.log()).map((one) => one.bytes))
    expect(await other.value('acme/tasks/1/photo')).toEqual((await client.getState('acme/tasks/1/photo')).value)
    await other.runtime.close()
  })
})

test('a file can be read before anything else is asked of a life that has just begun', async () => {
  const path = 'acme/tasks/1/photo'
  await client.putFile(path, new Blob([BYTES]))
  const { reference } = await client.getFile(path)
  for (let life = 0; life < 3; life++) {
    await device.restart()
    const pieces: Uint8Array[] = []
    for await (const piece of device.runtime.readFile(path, reference)) pieces.push(piece)
    expect(Buffer.compare(Buffer.concat(pieces), BYTES)).toBe(0)
  }
  client = createLocalClient({ runtime: device.runtime, diagnostics: device.diagnostics, generation: 'last', since: 0 })
})

describe('a life that is killed', () => {
  const path = 'acme/tasks/1/photo'
  const file = new Blob([BYTES, BYTES, BYTES, BYTES, BYTES])

  /** The events of this life are never accepted any more: it is as good as dead. */
  async function storedAndKilled(): Promise<void> {
    device.runtime.intake.accept = () => new Promise(() => undefined)
    client.putFile(path, file).catch(() => undefined)
    await expect.poll(kept).toHaveLength(1)
    await expect.poll(() => rows('f/unnamed/')).toHaveLength(1)
    expect(device.disk.blocks.size).toBeGreaterThan(0)
  }

  async function nextLife(): Promise<RuntimeClient> {
    const next = await Replica.open(nodePlatform, device.disk)
    return createLocalClient({ runtime: next.runtime, diagnostics: next.diagnostics, generation: 'next', since: 0 })
  }

  test('between storing a file and accepting its event leaves nothing once files are used again', async () => {
    await storedAndKilled()
    const next = await nextLife()
    await expect(next.fileInfo(path)).rejects.toMatchObject({ code: 'FILE_UNKNOWN' })
    await expect.poll(() => device.disk.blocks.size).toBe(0)
    await expect.poll(() => rows('f/unnamed/')).toEqual([])
    expect(await kept()).toEqual([])
    await next.close()
  })

  test('and then adds the same file again has it, also in the life after that', async () => {
    await storedAndKilled()
    const next = await nextLife()
    await next.putFile(path, file)
    expect(await rows('f/unnamed/')).toEqual([])
    await next.close()
    const last = await nextLife()
    const { stream } = await last.getFile(path)
    expect(await new Response(stream).arrayBuffer()).toHaveProperty('byteLength', 300_000)
    expect(await kept()).toHaveLength(1)
    await last.close()
  })

  test('right after its event was accepted keeps the file', async () => {
    await client.putFile(path, file)
    expect(await rows('f/unnamed/')).toEqual([])
    const next = await nextLife()
    const { stream } = await next.getFile(path)
    expect(await new Response(stream).arrayBuffer()).toHaveProperty('byteLength', 300_000)
    await next.close()
  })

  test('while it has no storage network keeps the note until it has one', async () => {
    await storedAndKilled()
    const next = await nextLife()
    await next.configureNetworks({})
    await next.fileInfo(path).catch(() => undefined)
    expect(await rows('f/unnamed/')).toHaveLength(1)
    await next.configureNetworks({ ipfs: {} })
    await next.close()
    const last = await nextLife()
    await last.fileInfo(path).catch(() => undefined)
    await expect.poll(() => rows('f/unnamed/')).toEqual([])
    await last.close()
  })
})

/** What the device keeps of content, by the rows of the network that keeps it. */
async function kept(): Promise<readonly string[]> {
  const { store } = await openMemoryStore({ disk: device.disk })
  const keys: string[] = []
  for await (const page of store.range(prefixRange('n/ipfs/kept/'))) {
    for (const [key, row] of page) if (decodeFields(row)['released'] !== true) keys.push(key)
  }
  return keys
}

async function rows(prefix: string): Promise<readonly string[]> {
  const { store } = await openMemoryStore({ disk: device.disk })
  const keys: string[] = []
  for await (const page of store.range(prefixRange(prefix))) keys.push(...page.map(([key]) => key))
  return keys
}
