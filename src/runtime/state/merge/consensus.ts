import type { EventId } from '../../model/event.js'
import { compareOrder } from '../../model/receipt.js'
import type { ChainOrder } from '../../model/receipt.js'
import type { Value } from '../../model/value.js'
import type { FoldEntry, Rejection } from './fold-entry.js'
import { compareWriters, foldInOrder } from './last-writer.js'

export interface ConsensusFold {
  /** With the optimistic overlay. */
  readonly value: Value | undefined
  /** What the chain alone says. */
  readonly orderedValue: Value | undefined
  /** The last accepted event: what `expect` must name. */
  readonly head: EventId | undefined
  /** Accepted but not ordered yet. */
  readonly pending: readonly EventId[]
  readonly rejected: ReadonlyMap<EventId, Rejection>
}

/**
 * Folds events in the chain's total order; those not ordered yet come after them as an optimistic overlay, by (time, EventId). Whether an
 * event is accepted depends only on what stands before it: `expect` must name just the last accepted event (or nothing). Pure.
 */
export function foldConsensus(entries: readonly FoldEntry[]): ConsensusFold {
  const rejected = new Map<EventId, Rejection>()
  const fit = entries.filter((entry) => entry.ordered)
  for (const entry of entries) {
    if (!entry.ordered)
      rejected.set(entry.id, {
        code: 'POLICY_MISMATCH',
        reason: 'The document is ordered by consensus, and this event did not ask for it.',
      })
  }
  const ordered = fit.filter(isOrdered).toSorted((a, b) => compareOrder(a.order, b.order))
  const overlay = fit.filter((entry) => entry.order === undefined).toSorted(compareWriters)
  const accepted: FoldEntry[] = []
  acceptAll(ordered, accepted, rejected)
  const chain = foldInOrder(accepted)
  const orderedCount = accepted.length
  acceptAll(overlay, accepted, rejected)
  const all = accepted.length === orderedCount ? chain : foldInOrder(accepted)
  for (const [id, rejection] of all.rejected) rejected.set(id, rejection)
  return {
    value: all.value,
    orderedValue: chain.value,
    head: accepted.at(-1)?.id,
    pending: accepted.slice(orderedCount).map((entry) => entry.id),
    rejected,
  }
}

function acceptAll(entries: readonly FoldEntry[], accepted: FoldEntry[], rejected: Map<EventId, Rejection>): void {
  for (const entry of entries) {
    const head = accepted.at(-1)?.id
    if (entry.expect === undefined || isJust(entry.expect, head)) {
      accepted.push(entry)
      continue
    }
    rejected.set(entry.id, {
      code: 'CONFLICT',
      reason:
        head === undefined ? 'It expected an event that the chain does not have before it.' : `Another event was ordered first: ${head}.`,
      ...(head === undefined ? {} : { winner: head }),
    })
  }
}

function isJust(expect: readonly EventId[], head: EventId | undefined): boolean {
  return head === undefined ? expect.length === 0 : expect.length === 1 && expect[0] === head
}

function isOrdered(entry: FoldEntry): entry is FoldEntry & { readonly order: ChainOrder } {
  return entry.order !== undefined
}
