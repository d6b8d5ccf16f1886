import { computeEventId } from '../codec/event-id.js'
import { decodeText } from '../codec/text.js'
import { decodeContent } from '../codec/content-codec.js'
import { decodeEvent } from '../codec/event-codec.js'
import type { DecodedEvent } from '../codec/event-codec.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { AuthorId, Event, EventContent, EventId } from '../model/event.js'
import { spaceOf } from '../model/path.js'
import type { Receipt } from '../model/receipt.js'
import type { SpaceId } from '../model/path.js'
import { MAX_POSITION } from '../model/position.js'
import type { Store } from '../storage/store.js'
import type { EventSource, LoggedHeader, PastSource } from './event-source.js'
import { readReceipts } from './receipt-book.js'
import { logKeys } from './log-keys.js'
import { decodeLogRow } from './log-row.js'
import type { LogRow } from './log-row.js'
import type { SpaceDirectory } from './space-directory.js'

export interface ChainHead {
  readonly seq: number
  readonly id: EventId
}

/** What the log asks of its store. */
type LogReads = Pick<Store, 'get' | 'getMany' | 'range'>

/** Reads the event log. Only the event processor appends to it. */
export class EventLog implements EventSource, PastSource {
  readonly #store: LogReads
  readonly #spaces: SpaceDirectory

  constructor(store: LogReads, spaces: SpaceDirectory) {
    this.#store = store
    this.#spaces = spaces
  }

  async positionOf(id: EventId): Promise<number | undefined> {
    return toPosition(await this.#store.get(logKeys.position(id)))
  }

  async positionsOf(ids: readonly EventId[]): Promise<(number | undefined)[]> {
    const rows = await this.#store.getMany(ids.map(logKeys.position))
    return rows.map(toPosition)
  }

  async readAt(position: number): Promise<Event | undefined> {
    const row = await this.#store.get(logKeys.event(position))
    return row === undefined ? undefined : await this.open(decodeLogRow(row))
  }

  async read(id: EventId): Promise<Event | undefined> {
    const position = await this.positionOf(id)
    return position === undefined ? undefined : await this.readAt(position)
  }

  async headerAt(position: number): Promise<LoggedHeader | undefined> {
    const logged = await this.#store.get(logKeys.event(position))
    if (logged === undefined) return undefined
    const { bytes, path, op } = decodeLogRow(logged)
    return { id: await computeEventId(bytes), header: decodeEvent(bytes).header, path, op }
  }

  receiptsOf(id: EventId, position: number): Promise<readonly Receipt[]> {
    return readReceipts(this.#store, id, position)
  }

  /** Rows up to `before` (exclusive), newest first, with their positions. */
  async *backwards(before: number): AsyncIterableIterator<{ readonly position: number; readonly row: LogRow }> {
    for await (const page of this.#store.range({ from: logKeys.event(0), to: logKeys.event(before), reverse: true })) {
      for (const [key, value] of page) yield { position: Number(key.slice(2)), row: decodeLogRow(value) }
    }
  }

  /** Rows from `from` on, oldest first. */
  async *forwards(from: number): AsyncIterableIterator<{ readonly position: number; readonly row: LogRow }> {
    for await (const page of this.#store.range(logKeys.events(from, MAX_POSITION))) {
      for (const [key, value] of page) yield { position: Number(key.slice(2)), row: decodeLogRow(value) }
    }
  }

  /** Opens a row into the whole event. Its signature was checked before it was logged. */
  async open(row: LogRow): Promise<Event> {
    const decoded = decodeEvent(row.bytes)
    const content = await openContent(decoded, this.#spaces)
    return toEvent(decoded, { id: await computeEventId(row.bytes), content, space: spaceOf(row.path) })
  }

  async chainHead(space: string, author: AuthorId): Promise<ChainHead | undefined> {
    for await (const page of this.#store.range({ ...logKeys.chainOf(space, author), reverse: true, limit: 1 })) {
      for (const [key, value] of page) return { seq: Number(key.slice(-10)), id: decodeText(value) as EventId }
    }
    return undefined
  }

  /** Ids of an author's chain in a space, newest first. */
  async *chainBackwards(space: string, author: AuthorId): AsyncIterableIterator<EventId> {
    for await (const page of this.#store.range({ ...logKeys.chainOf(space, author), reverse: true })) {
      for (const [, value] of page) yield decodeText(value) as EventId
    }
  }

  async chainAt(space: string, author: AuthorId, seq: number): Promise<EventId | undefined> {
    const row = await this.#store.get(logKeys.chain(space, author, seq))
    return row === undefined ? undefined : (decodeText(row) as EventId)
  }
}

/** @throws SpiceTimeError CONTENT_UNREADABLE, EVENT_MALFORMED */
export async function openContent(decoded: DecodedEvent, spaces: SpaceDirectory): Promise<EventContent> {
  if (decoded.payload.kind === 'open') return decoded.payload.content
  const cipher = spaces.byWire(decoded.header.space)?.cipherOf(decoded.payload.epoch)
  if (cipher === undefined) {
    throw new SpiceTimeError(
      'CONTENT_UNREADABLE',
      `An event was sealed with key ${decoded.payload.epoch} of its space, which this device does not have. Ask a member for a new invite.`,
    )
  }
  return decodeContent(await cipher.open(decoded.payload.sealed))
}

export function toEvent(
  decoded: DecodedEvent,
  opened: { readonly id: EventId; readonly content: EventContent; readonly space: SpaceId },
): Event {
  return {
    ...decoded.header,
    ...opened.content,
    id: opened.id,
    spaceId: opened.space,
    public: decoded.payload.kind === 'open',
    bytes: decoded.bytes,
  }
}

function toPosition(row: Uint8Array | undefined): number | undefined {
  return row === undefined ? undefined : Number(decodeText(row))
}
