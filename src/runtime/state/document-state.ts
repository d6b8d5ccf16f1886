import type { DocumentChange } from '../model/state-change.js'
import { fieldsOf } from '../model/path.js'
import type { DocumentPath, StatePath } from '../model/path.js'
import type { State } from '../model/state.js'
import type { Value } from '../model/value.js'
import type { DocumentHeader } from './document-row.js'
import { valueAt } from './merge/plain-operations.js'
import type { PublishedDocument } from './watch-hub.js'

/** The State of a path at or below a document. */
export function stateOf(path: StatePath, value: Value | undefined, header: DocumentHeader | undefined): State {
  if (header === undefined) return { path, value: undefined, heads: [], level: 'local', pending: [], networks: {}, updatedAt: 0 }
  return {
    path,
    value: valueAt(value, fieldsOf(path)),
    heads: header.policy === 'consensus' && header.orderedHead !== undefined ? [header.orderedHead] : header.heads,
    level: header.level,
    pending: header.pending,
    networks: networksOf(header),
    updatedAt: header.updatedAt,
  }
}

export function publishedDocument(path: DocumentPath, value: Value | undefined, header: DocumentHeader): PublishedDocument {
  const change: DocumentChange = {
    path,
    value,
    level: header.level,
    updatedAt: header.updatedAt,
    pending: header.pending,
    networks: networksOf(header),
  }
  return { change, stateAt: (at) => stateOf(at, value, header) }
}

/** The local network's word is the log itself. */
function networksOf(header: DocumentHeader): State['networks'] {
  return { local: { level: 'local', reference: String(header.lastPosition), at: header.updatedAt }, ...header.networks }
}
