import { expect, test } from 'vitest'
import { Diagnostics } from './diagnostics/diagnostics.js'
import { nodePlatform } from './platform/node.js'
import { Runtime } from './runtime.js'
import { MemoryBlockStore } from './storage/memory/memory-block-store.js'
import { MemoryDisk } from './storage/memory/memory-disk.js'
import { openMemoryStore } from './storage/memory/memory-store.js'

/** A row whose first read is made at once, and answered when it is released. */
class SlowRow {
  reads = 0
  release = (): void => undefined
  readonly released = new Promise<void>((resolve) => (this.release = resolve))

  constructor(readonly key: string) {}
}

async function openOn(disk: MemoryDisk, slow?: SlowRow): Promise<Runtime> {
  const { store, keys } = await openMemoryStore({ disk })
  const get = store.get.bind(store)
  store.get = async (key) => {
    const value = await get(key)
    if (key === slow?.key && slow.reads++ === 0) await slow.released
    return value
  }
  return await Runtime.open({
    ...{ store, keys, platform: nodePlatform, diagnostics: new Diagnostics(() => nodePlatform.now()) },
    openBlocks: async () => new MemoryBlockStore(disk.blocks),
    storageFacts: async () => ({ mode: 'memory', usage: undefined, quota: undefined }),
  })
}

test('planning what is merged before it is sent puts no old document into memory', async () => {
  const disk = new MemoryDisk()
  const before = await openOn(disk)
  const { id } = await before.createSpace({ name: 'Acme' })
  const path = `${id}/tasks/1`
  await before.submitEvent({ path, op: 'put', value: { title: 'a' } })
  await before.submitEvent({ path: `${path}/title`, op: 'put', value: 'b' })
  await before.close()
  const slow = new SlowRow(`d/${path}`)
  const runtime = await openOn(disk, slow)
  const positions: number[] = []
  for await (const { position, row } of runtime.intake.log.forwards(0)) if (row.origin === 'own') positions.push(position)
  const merging = runtime.intake.supersede(positions)
  await expect.poll(() => slow.reads).toBe(1)
  const done = await runtime.submitEvent({ path: `${path}/done`, op: 'put', value: true })
  // A call that is refused after it has touched the document takes it out of memory.
  const refused = runtime.submitEvents([
    { path: `${path}/x`, op: 'put', value: 1 },
    { path: `${path}/y`, op: 'put', value: 'x'.repeat(100_000) },
  ])
  await expect(refused).rejects.toMatchObject({ code: 'EVENT_TOO_LARGE' })
  slow.release()
  await merging
  const next = await runtime.submitEvent({ path: `${path}/later`, op: 'put', value: 1 })
  expect((await runtime.intake.log.read(next))?.parents).toContain(done)
  await runtime.close()
})
