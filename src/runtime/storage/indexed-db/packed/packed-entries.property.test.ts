import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32 } from '../../crc32.js'
import { DAMAGED, PackedEntries, packEntries } from './packed-entries.js'
import type { PackedEntry } from './packed-entries.js'
import { salvage } from './salvage.js'

const key = fc.string({ unit: fc.constantFrom(...'a b c X Y Z 0 1 9 / - . _ ~ %'.split(' '), ' '), minLength: 1, maxLength: 40 })
const value = fc.uint8Array({ maxLength: 200 })
const page = fc
  .uniqueArray(fc.record({ key, value }), { selector: (entry) => entry.key, minLength: 1, maxLength: 40 })
  .map((entries): PackedEntry[] => [...entries].sort((a, b) => (a.key < b.key ? -1 : 1)))
const commit = fc.array(fc.record({ key, value: fc.option(value, { nil: undefined }) }), { minLength: 1, maxLength: 40 })

function plain(entries: readonly PackedEntry[]): [string, number[] | undefined][] {
  return entries.map((entry) => [entry.key, entry.value === undefined ? undefined : [...entry.value]])
}

function unpack(kind: 'page' | 'commit', bytes: Uint8Array): PackedEntry[] {
  const row = PackedEntries.read(kind, bytes)
  if (row === undefined) throw new Error('the head does not hold')
  return Array.from({ length: row.count }, (_, index) => {
    const read = row.valueAt(index)
    if (read === DAMAGED) throw new Error('a value does not hold')
    return { key: row.keyAt(index), value: read }
  })
}

describe('packed entries', () => {
  it('computes the same CRC as zlib, in parts too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
        const middle = Math.min(cut, bytes.byteLength)
        expect(crc32(bytes, crc32(bytes, 0, [0, middle]), [middle, bytes.byteLength])).toBe(zlibCrc32(bytes))
      }),
    )
  })

  it('gives back what was packed', () => {
    const holds = (kind: 'page' | 'commit') => (entries: PackedEntry[]) => {
      expect(plain(unpack(kind, packEntries(kind, entries)))).toEqual(plain(entries))
    }
    fc.assert(fc.property(page, holds('page')))
    fc.assert(fc.property(commit, holds('commit')))
  })

  it('finds keys by halving', () => {
    fc.assert(
      fc.property(page, key, (entries, wanted) => {
        const row = PackedEntries.read('page', packEntries('page', entries))
        expect(row?.lowerBound(wanted)).toBe(entries.filter((entry) => entry.key < wanted).length)
      }),
    )
  })

  it('does not take a commit for a page, nor bytes of another version', () => {
    const bytes = packEntries('commit', [{ key: 'a', value: new Uint8Array([1]) }])
    expect(PackedEntries.read('page', bytes)).toBeUndefined()
    bytes[2] = 2
    expect(PackedEntries.read('commit', bytes)).toBeUndefined()
  })

  it('loses with one flipped bit no more than one entry, and never gives a wrong one', () => {
    fc.assert(
      fc.property(page, fc.nat(), (entries, position) => {
        const bytes = packEntries('page', entries)
        const bit = position % (bytes.byteLength * 8)
        const at = bit >> 3
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7))
        const saved = salvage('page', bytes)
        const known = new Map(plain(entries))
        for (const [name, read] of plain(saved.entries)) expect(read).toEqual(known.get(name))
        expect(saved.entries.length).toBeGreaterThanOrEqual(entries.length - 1)
        expect(saved.entries.length + saved.lost.length).toBe(entries.length > 1 || saved.lost.length === 0 ? entries.length : 1)
      }),
      { numRuns: 3000 },
    )
  })

  it('counts right when the flipped bit leads the first entry to the same key elsewhere', () => {
    const names = '-aaaaaaaaa 0aaaaaaaa a a%aaaaaaaa a.aa aa aaa aaa/aa aaaYaaaaaaa aaaa aaaa-aaaaaa aaaaa'.split(' ')
    const entries = names.map((name): PackedEntry => ({ key: name, value: new Uint8Array(name.length) }))
    const bytes = packEntries('page', entries)
    bytes[16] = (bytes[16] ?? 0) ^ 64
    const saved = salvage('page', bytes)
    expect(saved.entries.length + saved.lost.length).toBe(entries.length)
    expect(saved.entries.length).toBeGreaterThanOrEqual(entries.length - 1)
  })

  it('notices every flipped bit, by the head or by the entry that it hits', () => {
    fc.assert(
      fc.property(page, fc.nat(), (entries, position) => {
        const bytes = packEntries('page', entries)
        const bit = position % (bytes.byteLength * 8)
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const row = PackedEntries.read('page', bytes)
        const intact =
          row !== undefined && Array.from({ length: row.count }, (_, index) => row.valueAt(index)).every((read) => read !== DAMAGED)
        expect(intact).toBe(false)
      }),
      { numRuns: 3000 },
    )
  })

  it('keeps of a truncated row every entry that is whole', () => {
    fc.assert(
      fc.property(page, fc.nat(), (entries, position) => {
        const bytes = packEntries('page', entries)
        const length = position % bytes.byteLength
        const saved = salvage('page', bytes.slice(0, length))
        const head = bytes.byteLength - entries.reduce((sum, entry) => sum + (entry.value?.byteLength ?? 0), 0)
        let end = head
        const whole = entries.filter((entry) => (end += entry.value?.byteLength ?? 0) <= length && length >= head)
        expect(plain(saved.entries).length).toBeGreaterThanOrEqual(whole.length)
        const known = new Map(plain(entries))
        for (const [name, read] of plain(saved.entries)) expect(read).toEqual(known.get(name))
      }),
      { numRuns: 1000 },
    )
  })

  it('survives any bytes at all, and says that they are lost', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(salvage('page', bytes).lost.length).toBeGreaterThan(0)
      }),
    )
  })
})
