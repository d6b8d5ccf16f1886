import { decodeContent, encodeContent } from '../codec/content-codec.js'
import { parseEventId, shortIdOf } from '../codec/event-id.js'
import type { PastSource } from '../events/event-source.js'
import type { Event, EventContent, EventHeader, EventId } from '../model/event.js'
import { fieldsOf } from '../model/path.js'
import type { DocumentPath } from '../model/path.js'
import type { Receipt } from '../model/receipt.js'
import type { Store } from '../storage/store.js'
import type { FoldEntry } from './merge/fold-entry.js'
import type { UndoableUpdate } from './merge/team-undo.js'
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

/** The Yjs update in a change row; undefined when the event is none of a team document. */
export function updateIn(row: Uint8Array): Uint8Array | undefined {
  return row[0] === UPDATE ? row.subarray(1) : decodeContent(row.subarray(1)).body.update
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

  /** All events of a document, oldest arrival first, with what stands for superseded parents. A change whose log record was lost is left out. */
  async pastOf(document: DocumentPath): Promise<readonly PastEvent[]> {
    const past: PastEvent[] = []
    for await (const { position, row } of this.changesAfter(document, 0)) {
      const logged = await this.#log.headerAt(position)
      if (logged === undefined) continue
      const { id, header, path, op } = logged
      const content = row[0] === UPDATE ? { path, op, body: { update: row.subarray(1) } } : decodeContent(row.subarray(1))
      past.push({ id, position, header, content })
    }
    return withStandIns(past)
  }

  /** A time as it is; of a superseded event, what took its place. */
  async stands(at: string | number): Promise<string | number> {
    return typeof at === 'number' ? at : ((await this.#log.find(parseEventId(at)))?.id ?? at)
  }

  /**
   * The updates of a team document for undo, oldest first. Superseded events stand where they came, as far as they are here: each for itself, or, where
   * what superseded them is to be undone, as parts of that.
   */
  async undoable(document: DocumentPath, target: EventId): Promise<readonly UndoableUpdate[]> {
    const steps: { readonly position: number; readonly step: UndoableUpdate }[] = []
    for (const { id, position, header, content } of await this.pastOf(document)) {
      const { update, target: undone } = content.body
      if (update === undefined) continue
      const originals = header.supersedes === undefined ? [] : await this.#log.readOriginals(id)
      for (const original of originals) {
        const part = original.event.body.update
        if (part !== undefined)
          steps.push({ position: original.position, step: { id: id === target ? id : original.event.id, update: part } })
      }
      // With all of its parts there, the whole brings nothing.
      if (originals.length === (header.supersedes?.length ?? -1)) continue
      steps.push({ position, step: { id, update, ...(undone === undefined ? {} : { target: undone }) } })
    }
    const known = new Set(steps.map(({ step }) => step.id))
    const sorted: UndoableUpdate[] = []
    for (const { step } of steps.toSorted((a, b) => a.position - b.position)) {
      const superseded = step.target !== undefined && !known.has(step.target)
      const standIn = superseded ? await this.#log.find(parseEventId(step.target)) : undefined
      sorted.push(standIn === undefined ? step : { ...step, target: standIn.id })
    }
    return sorted
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

/** Who builds on a superseded event builds on what took its place. */
function withStandIns(past: readonly PastEvent[]): readonly PastEvent[] {
  const standIns = new Map<string, EventId>()
  for (const { id, header } of past) for (const short of header.supersedes ?? []) standIns.set(`${header.author}/${short}`, id)
  if (standIns.size === 0) return past
  const known = new Set(past.map(({ id }) => id))
  const authors = [...new Set(past.map(({ header }) => header.author))]
  const standing = (name: EventId): EventId => {
    if (known.has(name)) return name
    const short = shortIdOf(name)
    return authors.map((author) => standIns.get(`${author}/${short}`)).find((id) => id !== undefined) ?? name
  }
  return past.map((event) => {
    const parents = event.header.parents.map(standing)
    return { ...event, header: { ...event.header, parents: [...new Set(parents)].filter((parent) => parent !== event.id) } }
  })
}
