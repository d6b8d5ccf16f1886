import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { Cursor } from '../model/cursor.js'
import type { EventId, SpaceReference } from '../model/event.js'
import type { OutgoingSnapshot, ProviderSnapshots, SnapshotOffer, SnapshotPieces } from '../networks/provider.js'

interface Published extends OutgoingSnapshot {
  readonly by: string
  readonly reference: string
}

/** Where a replica reads, and what it has been told of events there. */
export interface SnapshotReader {
  readonly name: string
  /** The events of its news up to a cursor. */
  readonly eventsUntil: (cursor: Cursor) => readonly EventId[]
  /** Told of every snapshot that is read, with its size. */
  readonly onRead: (bytes: number) => void
}

/** The snapshots of a simulated network: every replica finds all of them at once. */
export class SimulatedSnapshots {
  /** What a test makes of what is read: damages, leaves out. */
  tamper: (pieces: SnapshotPieces) => SnapshotPieces | undefined = (pieces) => pieces
  readonly #every: number
  readonly #published = new Map<SpaceReference, Published[]>()
  readonly #marks: ReadonlySet<EventId>[] = []

  constructor(every: number) {
    this.#every = every
  }

  publishedIn(space: SpaceReference): readonly OutgoingSnapshot[] {
    return this.#published.get(space) ?? []
  }

  /** What a cursor says that its pull need not bring: it is in a snapshot. */
  isCovered(cursor: Cursor, id: EventId): boolean {
    return marksIn(cursor).some((mark) => this.#marks[mark]?.has(id) === true)
  }

  for(reader: SnapshotReader): ProviderSnapshots {
    return {
      ...{ maxPartBytes: 16 * 1024, maxParts: 4096 },
      publish: async (space, snapshot) => this.publish(space, snapshot, reader.name),
      offers: async (space) => ({ every: this.#every, newest: this.#newest(space, reader.name) }),
      read: async (space, offer) => {
        const found = this.#published.get(space)?.find(({ reference }) => reference === offer.reference)
        const pieces = found === undefined ? undefined : this.tamper({ head: found.head, parts: found.parts })
        reader.onRead(pieces?.parts.reduce((sum, part) => sum + part.length, pieces.head.length) ?? 0)
        return pieces
      },
      markOf: async (_space, cursor) => String(this.#marks.push(new Set(reader.eventsUntil(cursor))) - 1),
      cursorAfter: async (_space, cursor, mark) => {
        if (this.#marks[Number(mark)] === undefined)
          throw new SpiceTimeError('INPUT_MALFORMED', `'${mark}' says nothing of how far anyone pulled.`)
        return `${cursor}~${mark}` as Cursor
      },
    }
  }

  publish(space: SpaceReference, snapshot: OutgoingSnapshot, by: string): string {
    const all = this.#published.get(space) ?? []
    const reference = `snapshot-${all.length}`
    this.#published.set(space, [...all, { ...snapshot, by, reference }])
    return reference
  }

  #newest(space: SpaceReference, reader: string): readonly SnapshotOffer[] {
    const newest = new Map((this.#published.get(space) ?? []).map((one) => [one.by, one]))
    return [...newest.values()]
      .toSorted((one, other) => other.events - one.events)
      .map(({ by, reference, events }) => ({ reference, events, level: by === reader ? 'sent' : 'shared' }))
  }
}

/** A cursor is an index into the replica's news, and after it the marks of what came by snapshots. */
export function indexIn(cursor: Cursor): number {
  return Number(cursor.split('~')[0])
}

function marksIn(cursor: Cursor): readonly number[] {
  return cursor.split('~').slice(1).map(Number)
}

/** The same marks at another index. */
export function movedTo(cursor: Cursor, index: number): Cursor {
  return [index, ...marksIn(cursor)].join('~') as Cursor
}
