import { decodeContent, encodeContent } from '../codec/content-codec.js'
import type { PastSource } from '../events/event-source.js'
import type { Event, EventBody, EventContent, EventHeader, EventId } from '../model/event.js'
import { fieldsOf } from '../model/path.js'
import type { DocumentPath } from '../model/path.js'
import type { Receipt } from '../model/receipt.js'
import type { Store } from '../storage/store.js'
import { decodeBaseDocument } from './base-row.js'
import type { BaseDocument } from './base-row.js'
import type { FoldEntry } from './merge/fold-entry.js'
import { stateKeys } from './state-keys.js'

const UPDATE = 1
const CONTENT = 2

/** One event of a document's past. */
export interface PastEvent {
  readonly id: EventId
  readonly position: number
  readonly header: EventHeader
  readonly content: EventContent
}

/** What `h/` keeps of an event: a Yjs update as it is, or the content. Readable without the space's key. */
export function encodeChange(event: Event): Uint8Array {
  const update = event.body.update
  const rest = update !== undefined && event.op !== 'undo' ? update : encodeContent({ path: event.path, op: event.op, body: event.body })
  const row = new Uint8Array(1 + rest.length)
  row[0] = rest === update ? UPDATE : CONTENT
  row.set(rest, 1)
  return row
}

/** An event's body as its change row has it, whole wherever it was kept beside the event. */
function bodyIn(row: Uint8Array): EventBody {
  return row[0] === UPDATE ? { update: row.subarray(1) } : decodeContent(row.subarray(1)).body
}

/** The Yjs update in a change row; undefined when the event is none of a team document. */
export function updateIn(row: Uint8Array): Uint8Array | undefined {
  return bodyIn(row).update
}

/** The events of documents, as the log and the change rows keep them. */
export class History {
  readonly #store: Store
  readonly #log: PastSource

  constructor(store: Store, log: PastSource) {
    this.#store = store
    this.#log = log
  }

  /** Positions and change rows of a document's events after a position, oldest first. */
  async *changesAfter(
    document: DocumentPath,
    after: number,
  ): AsyncIterableIterator<{ readonly position: number; readonly row: Uint8Array }> {
    const range = stateKeys.changesOf(document)
    const from = after === 0 ? range.from : stateKeys.change(document, after + 1)
    for await (const page of this.#store.range({ ...range, from })) {
      for (const [key, row] of page) yield { position: Number(key.slice(-10)), row }
    }
  }

  /** The body of one event; undefined where its row is not here. */
  async bodyAt(document: DocumentPath, position: number): Promise<EventBody | undefined> {
    const row = await this.#store.get(stateKeys.change(document, position))
    return row === undefined ? undefined : bodyIn(row)
  }

  /** All events of a document, oldest arrival first, with what stands for superseded parents. A change whose log record was lost is left out. */
  async pastOf(document: DocumentPath): Promise<readonly PastEvent[]> {
    const past: PastEvent[] = []
    for await (const { position, row } of this.changesAfter(document, 0)) {
      const logged = await this.#log.headerAt(position)
      if (logged === undefined) continue
      const { id, header, path, op } = logged
      past.push({ id, position, header, content: { path, op, body: bodyIn(row) } })
    }
    const known = new Set(past.map(({ id }) => id))
    if (past.every(({ header }) => header.parents.every((parent) => known.has(parent)))) return past
    const { withStandIns } = await import('./stand-ins.js')
    return await withStandIns(past, { base: await this.baseOf(document), standing: (id) => this.standing(id) })
  }

  /** Those that one event superseded, as far as they are here, with the positions that they had. */
  readOriginals(by: EventId): ReturnType<PastSource['readOriginals']> {
    return this.#log.readOriginals(by)
  }

  /** Of a superseded event: what took its place. */
  async standing(id: EventId): Promise<EventId> {
    return (await this.#log.find(id))?.id ?? id
  }

  /** What the document was when this device started from a snapshot; undefined when all of its events are here. */
  async baseOf(document: DocumentPath): Promise<BaseDocument | undefined> {
    const row = await this.#store.get(stateKeys.base(document))
    return row === undefined ? undefined : decodeBaseDocument(row)
  }

  async foldEntries(past: readonly PastEvent[]): Promise<FoldEntry[]> {
    const entries: FoldEntry[] = []
    for (const event of past) {
      const order = event.header.needs.includes('consensus')
        ? (await this.receiptsOf(event)).find((receipt) => receipt.order !== undefined)?.order
        : undefined
      entries.push(toFoldEntry({ ...event.header, ...event.content, id: event.id }, order))
    }
    return entries
  }

  receiptsOf({ id, position }: PastEvent): Promise<readonly Receipt[]> {
    return this.#log.receiptsOf(id, position)
  }

  /** Events of the document that build on this one. */
  async childrenOf(document: DocumentPath, id: EventId): Promise<readonly EventId[]> {
    return (await this.pastOf(document)).filter(({ header }) => header.parents.includes(id)).map((child) => child.id)
  }
}

export function toFoldEntry(
  event: Pick<Event, 'id' | 'time' | 'op' | 'path' | 'body' | 'expect' | 'needs'>,
  order: FoldEntry['order'],
): FoldEntry {
  return {
    id: event.id,
    time: event.time,
    operation: { op: event.op, fields: fieldsOf(event.path), body: event.body },
    ...(event.body.target === undefined ? {} : { target: event.body.target }),
    ...(event.expect === undefined ? {} : { expect: event.expect }),
    ...(order === undefined ? {} : { order }),
    ordered: event.needs.includes('consensus'),
  }
}
