import type { Value } from '../model/value.js'
import { ValueReader } from '../codec/value-reader.js'

/** Takes documents as a snapshot carries them: without pending events and networks; a removed one has no value. `rank` is its level's. */
export interface DocumentVisitor {
  visit(path: string, value: Value | undefined, rank: number): void
}

/**
 * Visits the documents of one chunk: records `[u16 path length][path, ASCII][u8 level][f64 updatedAt][u32 value length][value, dag-cbor]`,
 * big-endian, one after another; a removed document's value has no bytes. Returns the newest `updatedAt`, in milliseconds since 1970.
 * @throws SpiceTimeError RECORD_DAMAGED
 */
export function visitDocuments(chunk: Uint8Array, visitor: DocumentVisitor): number {
  const reader = new ValueReader(chunk)
  let newest = 0
  while (!reader.done) {
    const path = reader.ascii(reader.uint16())
    const rank = reader.uint8()
    newest = Math.max(newest, reader.float64())
    const length = reader.uint32()
    visitor.visit(path, length === 0 ? undefined : reader.value(length), rank)
  }
  return newest
}
