import { isSpiceTimeError } from '../errors/spice-time-error.js'
import type { DocumentPath } from '../model/path.js'
import type { Value } from '../model/value.js'
import type { Store } from '../storage/store.js'
import { decodeDocumentRow } from './document-row.js'
import type { DocumentHeader } from './document-row.js'
import type { Folder } from './folder.js'
import { stateKeys } from './state-keys.js'

export interface StoredDocument {
  readonly value: Value | undefined
  readonly header: DocumentHeader
}

/** A document's row; `lost` when it was there and can't be read, or may have been; undefined when there is none. */
export async function readDocumentRow(store: Store, path: DocumentPath): Promise<StoredDocument | 'lost' | undefined> {
  return parse(await store.get(stateKeys.document(path)), store, path)
}

/** A document as it is kept, or else folded from its events; undefined when it has none. */
export async function readDocument(store: Store, folder: Folder, path: DocumentPath): Promise<StoredDocument | undefined> {
  return await documentIn(await store.get(stateKeys.document(path)), { store, folder, path })
}

/** As `readDocument`, from the row that was read. */
export async function documentIn(
  row: Uint8Array | undefined,
  { store, folder, path }: { readonly store: Store; readonly folder: Folder; readonly path: DocumentPath },
): Promise<StoredDocument | undefined> {
  const kept = parse(row, store, path)
  return kept === 'lost' ? await (await folder.past()).refold(path) : kept
}

function parse(row: Uint8Array | undefined, store: Store, path: DocumentPath): StoredDocument | 'lost' | undefined {
  // A store puts a damaged row aside and hands it out as missing.
  if (row === undefined) return store.damaged().length === 0 ? undefined : 'lost'
  try {
    return decodeDocumentRow(path, row)
  } catch (error) {
    if (!isSpiceTimeError(error, 'RECORD_DAMAGED')) throw error
    return 'lost'
  }
}
