import type { Author } from '../crypto/signing.js'
import type { EventId } from '../model/event.js'
import type { Network } from '../model/network.js'
import type { Receipt } from '../model/receipt.js'
import type { Brought, ReceiptChange } from './event-applier.js'
import type { EventLog } from './log.js'
import { logKeys } from './log-keys.js'
import type { ReadAhead } from './read-ahead.js'
import { encodeReceipts, readReceipts, withoutNetwork, withReceipt } from './receipt-book.js'
import type { EventTransaction } from './transaction.js'
import type { WaitingRoom } from './waiting-room.js'
import { addWaiting } from './waiting-row.js'

type Said = Pick<Brought, 'receipts' | 'retracted'> & { readonly network: Network }
type Revision = (book: readonly Receipt[]) => readonly Receipt[]

interface Ground {
  /** Of this transaction alone: nobody else writes meanwhile. */
  readonly ahead: ReadAhead
  readonly author: Pick<Author, 'id'>
  readonly log: EventLog
  readonly waiting: WaitingRoom
  readonly transaction: EventTransaction
}

/** What the receipts and retractions change, with the new book of each event already in the transaction. */
export async function receiptChanges({ network, receipts, retracted }: Said, ground: Ground): Promise<readonly ReceiptChange[]> {
  const { log, transaction } = ground
  await readBooks([...receipts.map(({ event }) => event), ...retracted], ground)
  const changed = new Map<EventId, ReceiptChange>()
  const update = async (event: EventId, revise: Revision): Promise<void> => {
    const known = changed.get(event)
    const position = known?.position ?? transaction.positionOf(event) ?? (await log.positionOf(event))
    if (position === undefined) return reviseWaiting(event, revise, ground)
    const whole = known ?? (await bookOf(event, position, ground))
    if (whole !== undefined) changed.set(event, { ...whole, after: revise(whole.after) })
  }
  for (const receipt of receipts) await update(receipt.event, (book) => withReceipt(book, receipt))
  for (const event of retracted) await update(event, (book) => withoutNetwork(book, network))
  // A device is told of its own events again and again, by every pull that brings them back.
  const news = [...changed.values()].filter(({ before, after }) => before !== after)
  for (const { position, after } of news)
    transaction.changes.push([logKeys.receipts(position), after.length === 0 ? undefined : encodeReceipts(after)])
  return news
}

/** All that their books ask of the store, in three reads rather than three for each. */
async function readBooks(events: readonly EventId[], { ahead, log, transaction }: Ground): Promise<void> {
  const logged = events.filter((event) => transaction.positionOf(event) === undefined)
  await ahead.load(logged.map(logKeys.position))
  const positions = (await log.positionsOf(logged)).filter((position) => position !== undefined)
  await ahead.load(positions.flatMap((position) => [logKeys.event(position), logKeys.receipts(position)]))
}

async function bookOf(
  event: EventId,
  position: number,
  { transaction, log, ahead, author: me }: Ground,
): Promise<ReceiptChange | undefined> {
  const inBatch = transaction.eventAt(position)
  const logged = inBatch === undefined ? await log.headerAt(position) : { id: inBatch.id, path: inBatch.path, header: inBatch }
  // What took the place of an event has a book of its own.
  if (logged?.id !== event) return undefined
  // What is not in the log yet has no book either.
  const before = inBatch === undefined ? await readReceipts(ahead, event, position) : []
  const { path, header } = logged
  const { needs, author } = header
  const book = { event, position, path, needs, before, after: before }
  return author === me.id ? book : { ...book, foreign: true }
}

/** An event that waits is not in the log yet; what networks say of it waits with it. */
function reviseWaiting(id: EventId, revise: Revision, { waiting, transaction }: Ground): void {
  const event = waiting.get(id)
  if (event !== undefined) addWaiting(waiting, { ...event, receipts: revise(event.receipts ?? []) }, transaction.changes)
}
