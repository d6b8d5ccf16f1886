import { computeEventId } from '../codec/event-id.js'
import { decodeEvent } from '../codec/event-codec.js'
import type { DecodedEvent } from '../codec/event-codec.js'
import { verifiedBefore, verifyEvent } from '../crypto/verified-events.js'
import { asSpiceTimeError, SpiceTimeError } from '../errors/spice-time-error.js'
import { millisecondsOf } from '../model/event.js'
import type { AuthorId, Event, EventContent, EventId } from '../model/event.js'
import { spaceOf } from '../model/path.js'
import type { ChainBatch } from './author-chain.js'
import { MAX_AHEAD } from './clock.js'
import type { HybridClock } from './clock.js'
import type { CoveredEvents } from './covered-events.js'
import { openContent, toEvent } from './log.js'
import type { EventLog } from './log.js'
import type { SpaceAccess, SpaceDirectory } from './space-directory.js'
import type { EventTransaction } from './transaction.js'

/** Bytes from a network, read: whole and truly signed, or refused. */
export type Inspected =
  | {
      readonly kind: 'signed'
      readonly id: EventId
      readonly decoded: DecodedEvent
      /** Its content, where that is being opened already. */
      readonly opening?: Promise<EventContent>
    }
  | {
      readonly kind: 'refused'
      readonly id: EventId
      readonly error: SpiceTimeError
      /** Whom it names, where it can be read. */
      readonly author?: AuthorId
    }

/** Where an inspected event stands against what is applied here. */
export type Placement =
  | { readonly kind: 'ready'; readonly event: Event; readonly access: SpaceAccess }
  | { readonly kind: 'known' }
  | { readonly kind: 'waiting'; readonly reason: string; readonly missing: readonly EventId[]; readonly until: number }
  | { readonly kind: 'forked'; readonly event: Event; readonly rival: EventId }
  | { readonly kind: 'refused'; readonly error: SpiceTimeError }

/** Names, decodes and verifies; in parallel for many. */
export async function inspect(bytes: Uint8Array): Promise<Inspected> {
  const before = verifiedBefore(bytes)
  return before === undefined ? await inspectNew(new Uint8Array(bytes)) : { kind: 'signed', ...before }
}

async function inspectNew(bytes: Uint8Array<ArrayBuffer>): Promise<Inspected> {
  const id = await computeEventId(bytes)
  let decoded: DecodedEvent | undefined
  try {
    decoded = decodeEvent(bytes)
    if (!(await verifyEvent({ id, decoded }))) {
      throw new SpiceTimeError('SIGNATURE_INVALID', `The event ${id} is not signed by the author it names. It changes nothing here.`, {
        event: id,
      })
    }
    return { kind: 'signed', id, decoded }
  } catch (error) {
    const refused = { kind: 'refused', id, error: asSpiceTimeError(error, 'EVENT_MALFORMED', { event: id }) } as const
    return decoded === undefined ? refused : { ...refused, author: decoded.header.author }
  }
}

/** Contents by the bytes that they were opened from: an event that waits for others keeps its bytes, and need not be opened again. */
const opened = new WeakMap<Uint8Array, Promise<EventContent>>()

/** Begins to open the content of an event that is to be placed later: many are opened at once, while each is placed after the one before. */
export function openEarly(one: Inspected, spaces: SpaceDirectory): Inspected {
  if (one.kind === 'refused') return one
  const { bytes } = one.decoded
  const opening = opened.get(bytes) ?? openContent(one.decoded, spaces)
  opened.set(bytes, opening)
  // Whoever places the event hears of it. What could not be opened is tried again: the key may come later.
  opening.catch(() => opened.delete(bytes))
  return { ...one, opening }
}

export interface Ground {
  readonly log: EventLog
  readonly spaces: SpaceDirectory
  readonly clock: HybridClock
  readonly chains: ChainBatch
  /** What is known by a snapshot only. */
  readonly covered: CoveredEvents
  readonly transaction: EventTransaction
}

/** Finds out whether an event can be applied now: time, chain, parents, content, permission, in this order. */
export async function place(inspected: Inspected & { readonly kind: 'signed' }, ground: Ground): Promise<Placement> {
  const { id, decoded } = inspected
  if ((await positionOf(id, ground)) !== undefined || (await ground.covered.has(decoded.header.space, id))) return { kind: 'known' }
  const access = ground.spaces.byWire(decoded.header.space)
  if (access === undefined) return refused('SPACE_UNKNOWN', `The event ${id} belongs to a space that this device has not joined.`, id)
  if (access.sealing === undefined)
    return refused('AUTHOR_NOT_PERMITTED', `The event ${id} claims the space 'me', which takes no events from networks.`, id)
  const ahead = ground.clock.ahead(decoded.header.time)
  if (ahead > MAX_AHEAD) {
    const until = millisecondsOf(decoded.header.time) - MAX_AHEAD
    return { kind: 'waiting', reason: `Its clock is ${Math.round(ahead / 1000)} s ahead of this device's.`, missing: [], until }
  }
  const missing = await missingOf(decoded, ground)
  if (missing.length > 0) return { kind: 'waiting', reason: `${missing.length} of the events it builds on are missing.`, missing, until: 0 }
  try {
    return await admit(inspected, access, ground)
  } catch (error) {
    return { kind: 'refused', error: asSpiceTimeError(error, 'EVENT_MALFORMED', { event: id }) }
  }
}

async function admit(inspected: Inspected & { readonly kind: 'signed' }, access: SpaceAccess, ground: Ground): Promise<Placement> {
  const { id, decoded } = inspected
  const { header } = decoded
  const content = await (inspected.opening ?? openContent(decoded, ground.spaces))
  if (spaceOf(content.path) !== access.id) {
    throw new SpiceTimeError('EVENT_MALFORMED', `The event ${id} writes outside its own space.`, { event: id })
  }
  const event = toEvent(decoded, { id, content, space: access.id })
  const rival = await chainAt(header.author, header.seq, { ground, access })
  const other = ground.transaction.chainAt(access.id, header.author, header.seq) ?? rival
  await access.admit(header, content)
  if (ground.covered.hasAnotherAt(header, id)) throw forkedInThePast(event)
  await checkPrevious(event, access, ground)
  if (other !== undefined && other !== id) return { kind: 'forked', event, rival: other }
  return { kind: 'ready', event, access }
}

/** `previous` must be the author's event just before; anything else is another chain's. */
async function checkPrevious(event: Event, access: SpaceAccess, ground: Ground): Promise<void> {
  if (event.previous === undefined || ground.covered.vouchesForPlaceOf(event)) return
  const batch = ground.transaction.eventAt(ground.transaction.positionOf(event.previous))
  const before = batch?.seq ?? (await seqOf(event, access, ground))
  if (before !== event.seq - 1) {
    throw new SpiceTimeError(
      'EVENT_MALFORMED',
      `The event ${event.id} does not follow the event that it names as its author's previous one.`,
      { event: event.id },
    )
  }
}

async function seqOf(event: Event, access: SpaceAccess, ground: Ground): Promise<number> {
  return (await chainAt(event.author, event.seq - 1, { ground, access })) === event.previous ? event.seq - 1 : -1
}

/** What the author's chain holds at a place, without what this transaction has taken out of it. */
async function chainAt(
  author: AuthorId,
  seq: number,
  where: { readonly ground: Ground; readonly access: SpaceAccess },
): Promise<EventId | undefined> {
  const { ground, access } = where
  const id = await ground.log.chainAt(access.id, author, seq)
  return id === undefined || ground.transaction.removed.has(id) ? undefined : id
}

async function missingOf({ header }: DecodedEvent, ground: Ground): Promise<readonly EventId[]> {
  const needed = header.previous === undefined ? header.parents : [...new Set([header.previous, ...header.parents])]
  const unlogged = needed.filter((id) => ground.transaction.positionOf(id) === undefined)
  if (unlogged.length === 0) return []
  const positions = await ground.log.positionsOf(unlogged)
  const missing = unlogged.filter((id, index) => positions[index] === undefined || ground.transaction.removed.has(id))
  const covered = await Promise.all(missing.map((id) => ground.covered.has(header.space, id)))
  return missing.filter((_id, index) => covered[index] === false)
}

/** Without the bodies of what the snapshot covers, the branch that is here can't be taken out again. */
function forkedInThePast({ id, author, seq }: Event): SpiceTimeError {
  return new SpiceTimeError(
    'AUTHOR_FORKED',
    `The event ${id} claims the place ${seq} in the chain of ${author}, which another one has in the snapshot that this device started from: a copied profile or a dishonest client. It changes nothing here.`,
    { event: id },
  )
}

async function positionOf(id: EventId, { log, transaction }: Ground): Promise<number | undefined> {
  return transaction.positionOf(id) ?? (transaction.removed.has(id) ? undefined : await log.positionOf(id))
}

function refused(code: 'SPACE_UNKNOWN' | 'AUTHOR_NOT_PERMITTED', message: string, event: EventId): Placement {
  return { kind: 'refused', error: new SpiceTimeError(code, message, { event }) }
}
