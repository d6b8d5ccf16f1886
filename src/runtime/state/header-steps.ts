import type { AppliedEvent, ReceiptChange, ReplacedEvent } from '../events/event-applier.js'
import { millisecondsOf } from '../model/event.js'
import type { Event } from '../model/event.js'
import { levelRank } from '../model/network.js'
import type { OperationName } from '../model/operation.js'
import { fieldsOf } from '../model/path.js'
import { MAX_PENDING_SHOWN } from '../model/state.js'
import { levelOf } from '../model/receipt.js'
import { countLevel, NO_LEVELS } from './levels.js'
import type { LiveDocument } from './live-document.js'
import { compareWriters } from './merge/last-writer.js'

export type Header = LiveDocument['header']

/**
 * The heads and the last writer once an event is there: it takes the place of those it builds on, and of those it supersedes. Where others have built
 * on these already, it is no head.
 */
export function withHead(
  header: Header,
  event: Pick<Event, 'id' | 'parents' | 'time'>,
  replaced: readonly Pick<ReplacedEvent, 'id'>[] = [],
): Header {
  const gone = new Set([...event.parents, ...replaced.map(({ id }) => id)])
  const isHead = replaced.length === 0 || replaced.some(({ id }) => header.heads.includes(id))
  const heads = header.heads.filter((head) => !gone.has(head))
  return {
    ...header,
    heads: isHead ? [...heads, event.id] : heads,
    lastWriter: compareWriters(event, header.lastWriter) > 0 ? { time: event.time, id: event.id } : header.lastWriter,
  }
}

/** Whether nothing stays of what was at the operation's path. */
export function isReplacing(op: OperationName): boolean {
  return op === 'put' || op === 'file' || op === 'remove'
}

/** The header once an event is applied. Its head was noted before, when it was sealed or absorbed. */
export function afterEvent(header: Header, { event, position, origin }: AppliedEvent): Header {
  const replacesAll = isReplacing(event.op) && fieldsOf(event.path).length === 0 && header.heads.length === 1
  const mustTravel = origin === 'own' && event.needs.some((need) => need !== 'local')
  return {
    ...header,
    levels: countLevel(replacesAll ? NO_LEVELS : header.levels, 'local', 1),
    shapedSince: replacesAll ? position : header.shapedSince,
    lastPosition: position,
    pending: mustTravel && header.pending.length < MAX_PENDING_SHOWN ? [...header.pending, event.id] : header.pending,
    updatedAt: Math.max(header.updatedAt, millisecondsOf(event.time)),
  }
}

/** The header once networks said how far an event got, or took it back. */
export function afterReceipts(header: Header, receipt: ReceiptChange): Header {
  const before = levelOf(receipt.needs, receipt.before)
  const after = levelOf(receipt.needs, receipt.after)
  const counts = receipt.position < header.shapedSince ? header.levels : countLevel(countLevel(header.levels, before, -1), after, 1)
  const arrived = levelRank(after) > 0
  const pending = header.pending.filter((id) => id !== receipt.event)
  const networks = { ...header.networks }
  for (const { network } of receipt.before) delete networks[network]
  for (const { network, level, reference, at } of receipt.after) networks[network] = { level, reference, at }
  return {
    ...header,
    levels: counts,
    networks,
    pending:
      !arrived && levelRank(before) > 0 && pending.length < MAX_PENDING_SHOWN
        ? [...pending, receipt.event]
        : arrived
          ? pending
          : header.pending,
  }
}
