import type { Layer } from '../../merge-layers.js'
import { SortedMap } from '../../sorted-map.js'
import { DAMAGED } from './packed-entries.js'
import type { PackedEntries } from './packed-entries.js'

/** The changes of a stretch of the commit log, held in memory until a checkpoint has put them into pages. */
export class Memtable {
  readonly layer: Layer = new SortedMap()
  rows = 0
  /** Of the commit rows behind it, which its values are views of. */
  bytes = 0
  /** The first commit row in it and the last row that it covers; 0 for none. */
  firstSequence = 0
  sequence = 0

  /** Takes a row that was just made. */
  add(sequence: number, row: PackedEntries): void {
    this.#count(sequence, row)
    for (let index = 0; index < row.count; index++) this.layer.set(row.keyAt(index), row.uncheckedValueAt(index))
  }

  /** Takes a row that was read; returns the indexes of entries that are damaged. */
  addChecked(sequence: number, row: PackedEntries): number[] {
    this.#count(sequence, row)
    const damaged: number[] = []
    for (let index = 0; index < row.count; index++) {
      const value = row.valueAt(index)
      if (value === DAMAGED) damaged.push(index)
      else this.layer.set(row.keyAt(index), value)
    }
    return damaged
  }

  /** Takes a row without changes. */
  pass(sequence: number): void {
    if (this.rows === 0) this.firstSequence = sequence
    this.sequence = sequence
  }

  #count(sequence: number, row: PackedEntries): void {
    if (this.rows === 0) this.firstSequence = sequence
    this.sequence = sequence
    this.rows++
    this.bytes += row.bytes.byteLength
  }
}
