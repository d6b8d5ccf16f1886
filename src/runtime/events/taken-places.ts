import { decodeEvent } from '../codec/event-codec.js'
import { shortIdOf } from '../codec/event-id.js'
import { firstSeq } from '../model/event.js'
import type { Event, EventId } from '../model/event.js'
import type { Network } from '../model/network.js'
import type { DocumentPath } from '../model/path.js'
import { prefixRange } from '../storage/store.js'
import type { Store } from '../storage/store.js'
import { documentsOf, findBranch, leaving } from './branch.js'
import type { EventComposer, ReplacedEvent } from './event-applier.js'
import type { EventLog } from './log.js'
import { logKeys } from './log-keys.js'
import { parseRefusal } from './refusals.js'
import { asReplaced } from './taking-places.js'
import type { EventTransaction } from './transaction.js'

/**
 * The events of the log whose places an event takes; undefined when one of them is not among those that it supersedes, or has something that
 * it lacks. Then the state is not the same with and without them.
 */
export async function replacedBy(
  event: Event,
  { log, composer }: { readonly log: EventLog; readonly composer: EventComposer },
): Promise<readonly ReplacedEvent[] | undefined> {
  const replaced: ReplacedEvent[] = []
  const events: Event[] = []
  for await (const id of log.chainFrom(event.spaceId, event.author, firstSeq(event))) {
    const position = await log.positionOf(id)
    const one = position === undefined ? undefined : await log.readAt(position)
    if (one === undefined || position === undefined) return undefined
    if (firstSeq(one) > event.seq) break
    if (one.supersedes !== undefined || event.supersedes?.[one.seq - firstSeq(event)] !== shortIdOf(id)) return undefined
    events.push(one)
    replaced.push(await asReplaced(one, position, log))
  }
  return (await composer.covers(event, events)) ? replaced : undefined
}

export interface TakenOut {
  readonly documents: readonly DocumentPath[]
  /** What is to be placed anew. */
  readonly again: readonly { readonly bytes: Uint8Array<ArrayBuffer>; readonly network: Network }[]
  /** Those among them that were refused before. */
  readonly revived: readonly EventId[]
}

/** Takes the branch that starts with `rival` out of the log, to be placed anew with all that was quarantined of its author. */
export async function takeOut(
  rival: Event,
  { store, log, transaction }: { readonly store: Store; readonly log: EventLog; readonly transaction: EventTransaction },
): Promise<TakenOut> {
  const { fallen, originals } = await findBranch(rival, log)
  transaction.changes.push(...leaving(fallen, originals))
  for (const { id } of [...fallen, ...originals]) transaction.removed.add(id)
  const quarantined = await quarantinedOf(rival, store)
  for (const { id } of quarantined) transaction.changes.push([logKeys.refused(id), undefined])
  const again = [...fallen, ...originals].map(({ row }) => ({
    bytes: row.bytes,
    network: row.origin === 'own' ? ('local' as const) : row.origin,
  }))
  return {
    documents: documentsOf(fallen),
    again: [...again, ...quarantined.map(({ bytes }) => ({ bytes, network: 'local' as const }))].toSorted(
      (a, b) => decodeEvent(a.bytes).header.time - decodeEvent(b.bytes).header.time,
    ),
    revived: quarantined.map(({ id }) => id),
  }
}

async function quarantinedOf(
  { author, space }: Event,
  store: Store,
): Promise<readonly { readonly id: EventId; readonly bytes: Uint8Array<ArrayBuffer> }[]> {
  const found: { readonly id: EventId; readonly bytes: Uint8Array<ArrayBuffer> }[] = []
  for await (const page of store.range(prefixRange(logKeys.refusedPrefix))) {
    for (const [key, row] of page) {
      const refusal = parseRefusal(row)
      if (refusal?.bytes === undefined) continue
      const bytes = new Uint8Array(refusal.bytes)
      const { header } = decodeEvent(bytes)
      if (header.author === author && header.space === space) found.push({ id: key.slice(logKeys.refusedPrefix.length) as EventId, bytes })
    }
  }
  return found
}
