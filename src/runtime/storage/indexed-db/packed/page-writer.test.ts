import { expect, it } from 'vitest'
import { filled } from '../../../testing/sample-bytes.js'
import type { StoreChange } from '../../store.js'
import { DamageLog } from './damage-log.js'
import { Memtable } from './memtable.js'
import { PackedEntries } from './packed-entries.js'
import { PageCache } from './page-cache.js'
import { PageWriter } from './page-writer.js'
import { SimulatedDisk } from './test/simulated-disk.js'

const PAGE_BYTES = 2000

/** Merges changes into pages, and gives the keys of each page. */
async function merge(disk: SimulatedDisk, changes: readonly StoreChange[]): Promise<Readonly<Record<string, readonly string[]>>> {
  const parts = { disk, cache: new PageCache(10_000), damage: new DamageLog(() => expect.fail('nothing is damaged')) }
  const writer = new PageWriter({ ...parts, pageBytes: PAGE_BYTES, sliceBytes: 100_000 })
  const memtable = new Memtable()
  memtable.add(
    1,
    PackedEntries.pack(
      'commit',
      changes.map(([key, value]) => ({ key, value })),
    ),
  )
  const keys = memtable.layer.keys()
  for (let at = 0; at < keys.length;) at = await writer.mergeSlice(memtable, keys, at)
  const pages = [...disk.rows.pages].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    pages.map(([key, bytes]) => {
      const page = PackedEntries.read('page', bytes)
      return [key, Array.from({ length: page?.count ?? 0 }, (_, index) => page?.keyAt(index) ?? '')]
    }),
  )
}

const small = (key: string): StoreChange => [key, filled(400, 1)]

it('merges a page that deletions emptied with the page above it, not with the next one that changes', async () => {
  const disk = new SimulatedDisk()
  const large = ['h/5', filled(10_000, 5)] as const
  const before = await merge(disk, [
    small('h/1'),
    small('h/2'),
    small('h/3'),
    large,
    small('i/1'),
    small('i/2'),
    small('i/3'),
    small('i/4'),
  ])
  expect(before).toEqual({ '': ['h/1', 'h/2', 'h/3'], 'h/5': ['h/5'], i: ['i/1', 'i/2', 'i/3', 'i/4'] })
  // Nothing changes the page in between: it is none of those that the changes belong to.
  const after = await merge(disk, [
    ['h/2', undefined],
    ['h/3', undefined],
    ['i/4', undefined],
  ])
  expect(after).toEqual({ '': ['h/1'], 'h/5': ['h/5'], i: ['i/1', 'i/2', 'i/3'] })
})
