import type { EventId } from '../../model/event.js'
import { compareOrder } from '../../model/receipt.js'
import type { ChainOrder } from '../../model/receipt.js'
import type { RowChange } from '../provider-parts.js'
import type { FinalEvents } from './final-events.js'
import type { Held, HeldEvent, HeldRows } from './held-rows.js'
import type { Ignored, IgnoredCounts } from './ignored.js'
import type { SignedEvents } from './memo-events.js'
import type { Ground } from './reading-cursor.js'
import { eventsAt } from './slot-events.js'
import type { AnchoredList, FoundEvent } from './slot-events.js'
import type { NewsEvent, SpaceNews } from './space-news.js'

interface ReleaseParts {
  readonly held: Held
  readonly rows: HeldRows
  readonly finals: FinalEvents
  /** What is in the missing lists, as far as it can be had now, in their order. */
  readonly found: readonly (SignedEvents | undefined)[]
}

/** With its bytes, and where the list begins, where it comes from one: the others were brought before. */
type Freed = HeldEvent & Partial<Pick<FoundEvent, 'bytes'>> & { readonly from?: ChainOrder }

interface Plan {
  readonly events: readonly Freed[]
  readonly ignored: readonly Ignored[]
  /** Rows of events that a list puts before the place where they were found first. */
  readonly moved: readonly RowChange[]
}

const UPDATE_EVENTS = 500

/** Tells, with their places, all events up to the first list that is still missing. */
export async function* releaseHeld(ground: Ground, parts: ReleaseParts): AsyncIterableIterator<SpaceNews> {
  const { held, finals, rows, found } = parts
  const firstMissing = found.indexOf(undefined)
  const there = firstMissing < 0 ? held.missing : held.missing.slice(0, firstMissing)
  const bound = firstMissing < 0 ? undefined : held.missing[firstMissing]?.order
  if (ground.held === undefined || (there.length === 0 && bound !== undefined)) return
  const { events, ignored, moved } = await planOf(there, bound, parts)
  const counts = countsOf(ignored)
  for (let start = 0; start === 0 || start < events.length; start += UPDATE_EVENTS) {
    const page = events.slice(start, start + UPDATE_EVENTS)
    const rest = events[start + UPDATE_EVENTS]
    // A list that is cut in two begins anew should the device die here: its row is needed until its last event was told.
    const next = rest?.from ?? rest?.order
    const isLast = next === undefined
    // In the last write, so that what is cut short is done, and counted, anew.
    await finals.keep(page, isLast ? counts : {}, isLast ? [...moved, ...there.map((list) => rows.wasRead(list))] : [])
    ground = { ...ground, told: withoutThese(ground.told, page), held: next ?? bound }
    yield { found: page.map(toNews), retracted: [], ground }
  }
}

function countsOf(ignored: readonly Ignored[]): Partial<Record<Ignored, number>> {
  const counts: Partial<Record<Ignored, number>> = {}
  for (const reason of ignored) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}

/** Every event in the chain's order, each where it stands first. */
async function planOf(there: readonly AnchoredList[], bound: Ground['held'], { held, finals, rows, found }: ReleaseParts): Promise<Plan> {
  const heldOrders = new Map(held.events.map((event) => [event.id, event]))
  const listed = there.flatMap((list, index) =>
    eventsAt(list, found[index] ?? { events: [], ignored: [] }).map((event) => ({ ...event, from: list.order })),
  )
  const waiting = held.events.filter(({ order }) => bound === undefined || compareOrder(order, bound) < 0)
  const all: readonly Freed[] = [...listed, ...waiting].toSorted((a, b) => compareOrder(a.order, b.order))
  const earlier = await finals.transactionsOf(all.map(({ id }) => id))
  const seen = new Set<EventId>()
  const events: Freed[] = []
  const moved: RowChange[] = []
  const ignored: Ignored[] = there.flatMap((_list, index) => found[index]?.ignored ?? [])
  for (const [index, event] of all.entries()) {
    const other = heldOrders.get(event.id)
    const isHeldLater = other !== undefined && compareOrder(other.order, event.order) > 0
    const counts = earlier[index] === undefined || earlier[index] === event.signature || isHeldLater
    if (!counts || seen.has(event.id)) {
      ignored.push('repeated')
      continue
    }
    seen.add(event.id)
    events.push(event)
    if (isHeldLater) moved.push(rows.release(other))
  }
  return { events, ignored, moved }
}

function toNews(event: Freed): NewsEvent {
  return { ...event, final: true, isNew: event.bytes !== undefined }
}

function withoutThese(told: Ground['told'], page: readonly Freed[]): Ground['told'] {
  const ids = new Set(page.map(({ id }) => id))
  return told.filter(({ id }) => !ids.has(id))
}

function countsOf(ignored: readonly Ignored[]): IgnoredCounts {
  const counts: Partial<Record<Ignored, number>> = {}
  for (const reason of ignored) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}
