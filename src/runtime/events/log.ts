import { computeEventId, shortIdOf } from '../codec/event-id.js'
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
import { decodePositionRow } from './position-row.js'
import type { PositionRow } from './position-row.js'
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

  /** Of a superseded event: the position of what took its place. */
  async positionOf(id: EventId): Promise<number | undefined> {
    return (await this.whereIs(id))?.position
  }

  async positionsOf(ids: readonly EventId[]): Promise<(number | undefined)[]> {
    const rows = await this.#store.getMany(ids.map(logKeys.position))
    return rows.map((row) => (row === undefined ? undefined : decodePositionRow(row).position))
  }

  /** As `positionOf`, with the id of what is there. What others superseded is found on their word. */
  async find(id: EventId): Promise<{ readonly position: number; readonly id: EventId } | undefined> {
    const found = await this.whereIs(id)
    if (found !== undefined) return { position: found.position, id: found.by ?? id }
    for await (const page of this.#store.range({ ...logKeys.standInsOf(shortIdOf(id)), limit: 1 })) {
      for (const [, row] of page) {
        const { position, by } = decodePositionRow(row)
        if (by !== undefined) return { position, id: by }
      }
    }
    return undefined
  }

  async whereIs(id: EventId): Promise<PositionRow | undefined> {
    const row = await this.#store.get(logKeys.position(id))
    return row === undefined ? undefined : decodePositionRow(row)
  }

  /** What took the place of an event that is not here, by the word of the author of both. */
  async standInOf(id: EventId, author: AuthorId): Promise<PositionRow | undefined> {
    const row = await this.#store.get(logKeys.standIn(shortIdOf(id), author))
    return row === undefined ? undefined : decodePositionRow(row)
  }

  /** The rows of the events whose places that one took, as far as they are here, in their order. */
  async originalRows(by: EventId): Promise<readonly Uint8Array[]> {
    const rows: Uint8Array[] = []
    for await (const page of this.#store.range(logKeys.originalsOf(by))) for (const [, row] of page) rows.push(row)
    return rows
  }

  /** @see originals.ts */
  async unitsOf(id: EventId): Promise<readonly Event[]> {
    return await (await import('./originals.js')).unitsOf(id, this)
  }

  async readOriginals(by: EventId): Promise<readonly { readonly position: number; readonly event: Event }[]> {
    return await (await import('./originals.js')).readOriginals(by, this)
  }

  /** Ids of an author's chain from a place on, oldest first; the first may have taken that place with others. */
  async *chainFrom(space: string, author: AuthorId, seq: number): AsyncIterableIterator<EventId> {
    for await (const page of this.#store.range(logKeys.chainFrom(space, author, seq)))
      for (const [, row] of page) yield decodeText(row) as EventId
  }

  async readAt(position: number): Promise<Event | undefined> {
    const row = await this.rowAt(position)
    return row === undefined ? undefined : await this.open(row)
  }

  async idAt(position: number): Promise<EventId | undefined> {
    const row = await this.rowAt(position)
    return row === undefined ? undefined : await computeEventId(row.bytes)
  }

  async rowAt(position: number): Promise<LogRow | undefined> {
    const row = await this.#store.get(logKeys.event(position))
    return row === undefined ? undefined : decodeLogRow(row)
  }

  async read(id: EventId): Promise<Event | undefined> {
    const position = await this.positionOf(id)
    return position === undefined ? undefined : await this.readAt(position)
  }

  async headerAt(position: number): Promise<LoggedHeader | undefined> {
    const row = await this.rowAt(position)
    if (row === undefined) return undefined
    const { bytes, path, op } = row
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
