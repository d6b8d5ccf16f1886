import { expect, it } from 'vitest'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import { runStoreConformance } from '../../testing/store-conformance.js'
import { MemoryDisk } from './memory-disk.js'
import { openMemoryStore } from './memory-store.js'

runStoreConformance('memory', () => {
  const disk = new MemoryDisk()
  return Promise.resolve({
    open: () => openMemoryStore({ disk }),
    failNextCommit: () => {
      disk.failNext(new SpiceTimeError('STORAGE_FULL', 'The disk is full.'))
      setTimeout(disk.hold())
    },
    commits: () => disk.commits,
    dispose: () => Promise.resolve(),
  })
})

it('shows a held write to readers and not to the disk', async () => {
  const disk = new MemoryDisk()
  const { store } = await openMemoryStore({ disk })
  const release = disk.hold()
  const durable = store.write([['a', new Uint8Array([1])]])
  expect(await store.get('a')).toEqual(new Uint8Array([1]))
  expect(disk.records.size).toBe(0)
  release()
  await durable
  expect(disk.records.size).toBe(1)
})
