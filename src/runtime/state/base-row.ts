import { decodeFields, encode } from '../codec/dag-cbor.js'
import type { EventId } from '../model/event.js'
import { isValueList } from '../model/value.js'

/** What a team document was in the snapshot that this device started from: `b/<path>` is `header length (u32), header (dag-cbor), Yjs update V2`. */
export interface BaseDocument {
  /** The events that everything in it leads up to. */
  readonly heads: readonly EventId[]
  /** Milliseconds since 1970 of its newest event. */
  readonly updatedAt: number
  /** Of the device's log when it was taken. */
  readonly position: number
  readonly update: Uint8Array
}

const LENGTH_BYTES = 4

export function encodeBaseDocument({ heads, updatedAt, position, update }: BaseDocument): Uint8Array {
  const header = encode({ heads, updatedAt, position })
  const row = new Uint8Array(LENGTH_BYTES + header.length + update.length)
  new DataView(row.buffer).setUint32(0, header.length)
  row.set(header, LENGTH_BYTES)
  row.set(update, LENGTH_BYTES + header.length)
  return row
}

/** The update alone. */
export function updateInBase(row: Uint8Array): Uint8Array {
  return row.subarray(LENGTH_BYTES + new DataView(row.buffer, row.byteOffset).getUint32(0))
}

/** @throws SpiceTimeError RECORD_DAMAGED */
export function decodeBaseDocument(row: Uint8Array): BaseDocument {
  const update = updateInBase(row)
  const { heads, updatedAt, position } = decodeFields(row.subarray(LENGTH_BYTES, row.length - update.length))
  return {
    heads: isValueList(heads) ? heads.filter((head): head is EventId => typeof head === 'string') : [],
    updatedAt: Number(updatedAt),
    position: Number(position),
    update,
  }
}
