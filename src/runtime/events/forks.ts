import type { Event, EventId } from '../model/event.js'
import type { DocumentPath } from '../model/path.js'
import type { StoreChange } from '../storage/store.js'
import { documentsOf, findBranch, leaving } from './branch.js'
import type { EventLog } from './log.js'
import { writeRefusal } from './refusals.js'
import type { WaitingRoom } from './waiting-room.js'
import { addWaiting } from './waiting-row.js'

/**
 * Two events of one author that claim one place of his chain prove a fork, unless one of them supersedes the other. On every device what
 * supersedes others comes before what does not, else the branch whose first event has the lower EventId stays; the other is quarantined with what
 * its author built on it, and what others built on it waits. So the applied set stays a function of the received set.
 */
export function beats(newcomer: Event, rival: Event): boolean {
  const supersedes = newcomer.supersedes !== undefined
  return supersedes === (rival.supersedes !== undefined) ? newcomer.id < rival.id : supersedes
}

export interface Removed {
  readonly documents: readonly DocumentPath[]
  readonly quarantined: readonly EventId[]
  /** All that left the log. */
  readonly events: readonly EventId[]
}

/** Takes the branch that starts with `rival` out of the log. */
export async function removeBranch(
  rival: Event,
  log: EventLog,
  place: { readonly waiting: WaitingRoom; readonly changes: StoreChange[]; readonly reason: string },
): Promise<Removed> {
  const { fallen, originals } = await findBranch(rival, log)
  const quarantined: EventId[] = []
  for (const { id, header, row, missing } of fallen) {
    if (header.author === rival.author) {
      quarantined.push(id)
      writeRefusal(id, { kind: 'quarantined', code: 'AUTHOR_FORKED', reason: place.reason, bytes: row.bytes }, place.changes)
    } else {
      const network = row.origin === 'own' ? 'local' : row.origin
      const reason = 'An event it builds on was quarantined.'
      addWaiting(place.waiting, { id, bytes: row.bytes, network, reason, missing, until: 0, holder: header.author }, place.changes)
    }
  }
  place.changes.push(...leaving(fallen, originals))
  return {
    documents: documentsOf(fallen),
    quarantined,
    events: [...fallen, ...originals].map(({ id }) => id),
  }
}

/** The proof in words, for the diagnostic and the trace. */
export function forkReason(event: Event, rival: EventId): string {
  return `Its author signed two events with number ${event.seq} in this space (${event.id} and ${rival}): a copied profile or a dishonest client. The branch with the lower id counts on every device.`
}
