import type { StateSnapshot } from '../model/state-change.js'
import type { StatePath } from '../model/path.js'
import type { Store } from '../storage/store.js'
import { packedPart } from './document-row.js'
import { stateKeys } from './state-keys.js'

/** A piece is closed once it has this many bytes. */
const PIECE_BYTES = 512 * 1024
const KEY_PREFIX = 2

/**
 * The documents below a path as pieces of packed rows `[u16 path length][path, ASCII][u8 level][f64 updatedAt][u32 value length][value, dag-cbor]`,
 * so that listing many documents decodes each of them once, in the page.
 */
export async function* packDocuments(store: Store, path: StatePath | ''): AsyncIterableIterator<StateSnapshot> {
  let rows: (readonly [path: string, part: Uint8Array])[] = []
  let bytes = 0
  for await (const page of store.range(stateKeys.documentsUnder(path))) {
    for (const [key, row] of page) {
      const document = key.slice(KEY_PREFIX)
      const part = packedPart(document, row)
      if (part === undefined) continue
      rows.push([document, part])
      bytes += 2 + document.length + part.length
    }
    if (bytes < PIECE_BYTES) continue
    yield { kind: 'snapshot', documents: [pack(rows, bytes)], complete: false }
    rows = []
    bytes = 0
  }
  yield { kind: 'snapshot', documents: rows.length === 0 ? [] : [pack(rows, bytes)], complete: true }
}

function pack(rows: readonly (readonly [path: string, part: Uint8Array])[], bytes: number): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(bytes)
  let at = 0
  for (const [path, part] of rows) {
    packed[at++] = path.length >> 8
    packed[at++] = path.length & 255
    for (let index = 0; index < path.length; index++) packed[at++] = path.charCodeAt(index)
    packed.set(part, at)
    at += part.length
  }
  return packed
}
