import { encodeText } from '../codec/text.js'
import type { EventId } from '../model/event.js'
import type { Network } from '../model/network.js'
import { documentOf } from '../model/path.js'
import type { CoveredEvents } from './covered-events.js'
import type { Brought, ReceiptApplier } from './event-applier.js'
import { logKeys } from './log-keys.js'
import { Reception } from './reception.js'
import type { ReceptionParts } from './reception.js'
import type { WaitingRoom } from './waiting-room.js'

interface Ground extends Omit<ReceptionParts, 'covered'> {
  /** What is covered before a snapshot that is brought. */
  readonly known: CoveredEvents
  readonly receiptAppliers: readonly ReceiptApplier[]
  /** Everything that the events cause is in the transaction then. */
  readonly finish: (branchRemoved: boolean) => Promise<void>
  /** What is covered from now on; undefined: as it is stored. */
  readonly cover: (covered: CoveredEvents | undefined) => void
}

/** All that one delivery from a network changes, into the transaction. */
export async function receive(network: Network, brought: Brought, ground: Ground): Promise<void> {
  const { transaction, clock, known, receiptAppliers, waiting } = ground
  const { adoption } = brought
  const covered = await adoption?.prepare({ covered: known, position: transaction.lastPosition, changes: transaction.changes })
  if (adoption !== undefined) clock.see(adoption.time)
  const reception = new Reception({ ...ground, covered: covered ?? known })
  await reception.take(network, brought)
  // What was carried and is led to another event counts as applied; what lacks only bodies is as good.
  adoption?.check((id) => transaction.positionOf(id) !== undefined || lacksBodiesOnly(id, waiting))
  const { leftOut } = reception
  const cursor = leftOut.length === 0 ? brought.cursor : brought.cursorWithout?.(leftOut)
  if (cursor !== undefined) transaction.changes.push([logKeys.cursor(network), encodeText(cursor)])
  await ground.finish(reception.branchRemoved)
  const receipts = await reception.receiptChanges(network, brought)
  await ground.composer.foresee(receipts.flatMap(({ path }) => documentOf(path) ?? []))
  for (const applier of receiptAppliers) if (receipts.length > 0) await applier.applyReceipts(receipts, transaction.changes)
  if (receipts.length > 0) transaction.onCommitted.push(() => receiptAppliers.forEach((applier) => applier.committedReceipts()))
  if (adoption !== undefined && covered !== undefined) {
    ground.cover(covered)
    transaction.onCommitted.push(() => {
      ground.cover(undefined)
      adoption.committed()
    })
  }
  transaction.onCommitted.push(() => reception.report())
  if (leftOut.length > 0) transaction.onCommitted.push(() => brought.onNoRoom?.())
}

/** Whether an event waits for nothing but bodies: its own, or those of events that it builds on. */
function lacksBodiesOnly(id: EventId, waiting: WaitingRoom): boolean {
  const open = [id]
  const seen = new Set<EventId>(open)
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const event = waiting.get(next)
    if (event === undefined || event.until > 0) return false
    for (const parent of event.missing) {
      if (!seen.has(parent)) open.push(parent)
      seen.add(parent)
    }
  }
  return true
}
