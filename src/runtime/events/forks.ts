import { decodeEvent } from '../codec/event-codec.js'
import { computeEventId } from '../codec/event-id.js'
import type { AuthorId, Event, EventId } from '../model/event.js'
import { documentOf } from '../model/path.js'
import type { DocumentPath } from '../model/path.js'
import type { Network } from '../model/network.js'
import type { StoreChange } from '../storage/store.js'
import type { EventLog } from './log.js'
import { logKeys } from './log-keys.js'
import { writeRefusal } from './refusals.js'
import type { WaitingRoom } from './waiting-room.js'

/**
 * Two events of one author with one `seq` prove a fork. On every device the branch whose first event has the lower EventId stays, the other is
 * quarantined with what its author built on it; what others built on it waits. So the applied set stays a function of the received set.
 */
export function keepsRival(newcomer: EventId, rival: EventId): boolean {
  return rival < newcomer
}

export interface Removed {
  readonly documents: readonly DocumentPath[]
  readonly quarantined: readonly EventId[]
  /** All that left the log. */
  readonly events: readonly EventId[]
}

interface Fallen {
  readonly id: EventId
  readonly position: number
  readonly path: string
  readonly network: Network | undefined
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Takes the branch that starts with `rival` out of the log. */
export async function removeBranch(
  rival: EventId,
  log: EventLog,
  place: { readonly waiting: WaitingRoom; readonly changes: StoreChange[]; readonly reason: string },
): Promise<Removed> {
  const start = await log.positionOf(rival)
  if (start === undefined) return { documents: [], quarantined: [], events: [] }
  const fallen = new Map<EventId, Fallen>()
  let author: AuthorId | undefined
  const quarantined: EventId[] = []
  const documents = new Set<DocumentPath>()
  for await (const { position, row } of log.forwards(start)) {
    const { header } = decodeEvent(row.bytes)
    const id = await computeEventId(row.bytes)
    const builtOn = header.previous === undefined ? header.parents : [header.previous, ...header.parents]
    if (id !== rival && !builtOn.some((parent) => fallen.has(parent))) continue
    author ??= header.author
    fallen.set(id, { id, position, path: row.path, network: row.origin === 'own' ? undefined : row.origin, bytes: row.bytes })
    const document = documentOf(row.path)
    if (document !== undefined) documents.add(document)
    const space = row.path.slice(0, row.path.indexOf('/'))
    place.changes.push(
      [logKeys.event(position), undefined],
      [logKeys.position(id), undefined],
      [logKeys.chain(space, header.author, header.seq), undefined],
    )
    if (header.author === author) {
      quarantined.push(id)
      writeRefusal(id, { kind: 'quarantined', code: 'AUTHOR_FORKED', reason: place.reason, bytes: row.bytes }, place.changes)
    } else {
      const missing = builtOn.filter((parent) => fallen.has(parent))
      const network = row.origin === 'own' ? 'local' : row.origin
      place.waiting.add(
        { id, bytes: row.bytes, network, reason: 'An event it builds on was quarantined.', missing, until: 0 },
        place.changes,
      )
    }
  }
  return { documents: [...documents], quarantined, events: [...fallen.keys()] }
}

/** The proof in words, for the diagnostic and the trace. */
export function forkReason(event: Event, rival: EventId): string {
  return `Its author signed two events with number ${event.seq} in this space (${event.id} and ${rival}): a copied profile or a dishonest client. The branch with the lower id counts on every device.`
}
