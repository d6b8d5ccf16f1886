import { computeEventId, shortIdOf } from '../codec/event-id.js'
import { decodeEvent } from '../codec/event-codec.js'
import type { DecodedEvent } from '../codec/event-codec.js'
import { verifiedBefore, verifyEvent } from '../crypto/verified-events.js'
import { asSpiceTimeError, SpiceTimeError } from '../errors/spice-time-error.js'
import { firstSeq, millisecondsOf } from '../model/event.js'
import type { AuthorId, Event, EventContent, EventHeader, EventId, ShortId } from '../model/event.js'
import type { Network } from '../model/network.js'
import { spaceOf } from '../model/path.js'
import type { ChainBatch } from './author-chain.js'
import type { BodyKeeper } from './body-keeper.js'
import { MAX_AHEAD } from './clock.js'
import type { HybridClock } from './clock.js'
import type { CoveredEvents } from './covered-events.js'
import { openContent, toEvent } from './log.js'
import type { EventLog } from './log.js'
import type { SpaceAccess, SpaceDirectory } from './space-directory.js'
import type { EventTransaction } from './transaction.js'
import type { WaitingRoom } from './waiting-room.js'

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
  | ReadyPlacement
  | { readonly kind: 'known' }
  /** What a snapshot covers took its place. */
  | { readonly kind: 'superseded-before' }
  | { readonly kind: 'superseded'; readonly event: Event; readonly by: Event }
  | { readonly kind: 'waiting'; readonly reason: string; readonly missing: readonly EventId[]; readonly until: number }
  | (Omit<ReadyPlacement, 'kind'> & { readonly kind: 'forked'; readonly rival: Event; readonly inside: boolean })
  | { readonly kind: 'refused'; readonly error: SpiceTimeError }

export interface ReadyPlacement {
  readonly kind: 'ready'
  readonly event: Event
  /** Those that stand for superseded events which it builds on. */
  readonly standIns: readonly StandIn[]
  /** Of those that it supersedes: the first ones, which a snapshot covers. */
  readonly past: readonly ShortId[]
}

/** A name in an event, and what took the place of the event of that name. */
export interface StandIn {
  readonly name: EventId
  readonly by: EventId
}

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
  readonly waiting: WaitingRoom
  readonly bodies: () => Promise<BodyKeeper>
}

/** Finds out whether an event can be applied now: time, chain, parents, content, permission, body, in this order. */
export async function place(inspected: Inspected & { readonly kind: 'signed' }, from: Network, ground: Ground): Promise<Placement> {
  const { id, decoded } = inspected
  const { space } = decoded.header
  if ((await positionOf(id, ground)) !== undefined || (await ground.covered.has(space, id))) return { kind: 'known' }
  const access = ground.spaces.byWire(space)
  if (access === undefined) return refused('SPACE_UNKNOWN', `The event ${id} belongs to a space that this device has not joined.`, id)
  if (access.sealing === undefined)
    return refused('AUTHOR_NOT_PERMITTED', `The event ${id} claims the space 'me', which takes no events from networks.`, id)
  const ahead = ground.clock.ahead(decoded.header.time)
  if (ahead > MAX_AHEAD) {
    const until = millisecondsOf(decoded.header.time) - MAX_AHEAD
    return { kind: 'waiting', reason: `Its clock is ${Math.round(ahead / 1000)} s ahead of this device's.`, missing: [], until }
  }
  const { missing, standIns } = await namesOf(decoded, ground)
  if (missing.length > 0) return { kind: 'waiting', reason: `${missing.length} of the events it builds on are missing.`, missing, until: 0 }
  const judged = async (placing: Promise<Placement>): Promise<Placement> => {
    try {
      return await placing
    } catch (error) {
      return { kind: 'refused', error: asSpiceTimeError(error, 'EVENT_MALFORMED', { event: id }) }
    }
  }
  const placement = await judged(admit({ inspected, standIns }, access, ground))
  if ((placement.kind !== 'ready' && placement.kind !== 'forked') || placement.event.bodyCid === undefined) return placement
  // That it can't be loaded says nothing of the event.
  const bodies = await ground.bodies()
  return await judged(withBody(placement, from, bodies))
}

/** Asked for last, so that only an event that would be applied makes this device look for anything. */
async function withBody(
  placement: Placement & { readonly kind: 'ready' | 'forked' },
  network: Network,
  bodies: BodyKeeper,
): Promise<Placement> {
  const { event } = placement
  // A race must not wait for what its author may withhold, and who keeps content sees that of a file by its event.
  if (event.needs.includes('consensus') || event.op === 'file')
    throw new SpiceTimeError('EVENT_MALFORMED', `The event ${event.id} must carry its body, and names one beside it.`, { event: event.id })
  const outcome = await bodies.ask({ event, network })
  if (outcome.kind === 'missing') return { kind: 'waiting', reason: outcome.reason, missing: [], until: outcome.until ?? 0 }
  return { ...placement, event: { ...event, body: outcome.body } }
}

interface Named {
  readonly inspected: Inspected & { readonly kind: 'signed' }
  readonly standIns: readonly StandIn[]
}

async function admit({ inspected, standIns }: Named, access: SpaceAccess, ground: Ground): Promise<Placement> {
  const { id, decoded } = inspected
  const { header } = decoded
  const content = await (inspected.opening ?? openContent(decoded, ground.spaces))
  if (spaceOf(content.path) !== access.id) {
    throw new SpiceTimeError('EVENT_MALFORMED', `The event ${id} writes outside its own space.`, { event: id })
  }
  const event = toEvent(decoded, { id, content, space: access.id })
  await access.admit(header, content)
  const taken = isCarried(id, ground) ? 0 : ground.covered.placesTaken(header, id)
  if (taken > 0) return await placeInPast({ event, standIns, past: event.supersedes?.slice(0, taken) ?? [] }, ground)
  const ready = { event, standIns, past: [] }
  const around = await checkPrevious(event, ground)
  if (around === undefined) return await placeAt(firstSeq(event), ready, ground)
  return standsAt(around, event) ? { kind: 'superseded', event, by: around } : { kind: 'forked', ...ready, rival: around, inside: true }
}

/** Whether a snapshot carries the event, now or when it began to wait for its body. */
function isCarried(id: EventId, { waiting, covered }: Ground): boolean {
  return covered.carries(id) || waiting.get(id)?.carried === true
}

/** Where nothing but what has the place an event claims can be in its way. */
async function placeAt(place: number, ready: Omit<ReadyPlacement, 'kind'>, ground: Ground): Promise<Placement> {
  const { event } = ready
  const occupant = await occupantOf(event, place, ground)
  if (occupant === undefined || occupant.id === event.id) return { kind: 'ready', ...ready }
  if (standsAt(occupant, event)) return { kind: 'superseded', event, by: occupant }
  return { kind: 'forked', ...ready, rival: occupant, inside: false }
}

/**
 * Of an event that claims places in the past that a snapshot covers: superseded there, or superseding just those that are there, since its author did
 * not know yet that they had got out. What it holds of them is here already, and is merged once.
 */
async function placeInPast(ready: Omit<ReadyPlacement, 'kind'>, ground: Ground): Promise<Placement> {
  const { event, past } = ready
  const { spaceId, space, author, id } = event
  const place = firstSeq(event)
  const by = await occupying({ spaceId, author, place }, ground)
  if (by !== undefined && standsAt(by, event)) return { kind: 'superseded', event, by }
  if (await ground.covered.hasSuperseded(space, { author, id })) return { kind: 'superseded-before' }
  if (past.length > 0 && (await ground.covered.hasAll(space, past))) return await placeAt(place + past.length, ready, ground)
  throw forkedInThePast(event)
}

/** Whether an event says of another, of the same author and space, that it took its place. */
function standsAt(by: Event, event: Event): boolean {
  return event.supersedes === undefined && by.supersedes?.[event.seq - firstSeq(by)] === shortIdOf(event.id)
}

/** Without the bodies of what the snapshot covers, the branch that is here can't be taken out again. */
function forkedInThePast({ id, author, seq }: Event): SpiceTimeError {
  return new SpiceTimeError(
    'AUTHOR_FORKED',
    `The event ${id} claims the place ${seq} in the chain of ${author}, which another one has in the snapshot that this device started from: a copied profile or a dishonest client. It changes nothing here.`,
    { event: id },
  )
}

/**
 * `previous` must be the author's event just before; anything else is another chain's.
 * @returns what took that place and later ones too; undefined in the ordinary case
 */
async function checkPrevious(event: Event, ground: Ground): Promise<Event | undefined> {
  const { previous, author, spaceId } = event
  if (previous === undefined || isCarried(event.id, ground) || ground.covered.vouchesForPlaceOf(event)) return undefined
  const place = firstSeq(event) - 1
  if ((await chainAt({ author, spaceId, place }, ground)) === previous) return undefined
  const before = await occupying({ author, spaceId, place }, ground)
  if (before?.supersedes?.[place - firstSeq(before)] === shortIdOf(previous)) return before.seq > place ? before : undefined
  throw new SpiceTimeError(
    'EVENT_MALFORMED',
    `The event ${event.id} does not follow the event that it names as its author's previous one.`,
    { event: event.id },
  )
}

/** Whoever has the first of the places that an event claims and that no snapshot covers. */
async function occupantOf({ spaceId, author, seq }: Event, place: number, ground: Ground): Promise<Event | undefined> {
  if (place > seq) return undefined
  const there = await chainAt({ spaceId, author, place }, ground)
  if (there !== undefined) return ground.transaction.eventAt(ground.transaction.positionOf(there)) ?? (await ground.log.read(there))
  const head = await ground.chains.head(spaceId, author)
  return head === undefined || head.seq < place ? undefined : await occupying({ spaceId, author, place }, ground)
}

interface ChainPlace extends Pick<Event, 'spaceId' | 'author'> {
  readonly place: number
}

/** What ends at a place of an author's chain, with what this transaction appends and without what it takes out. */
async function chainAt({ spaceId, author, place }: ChainPlace, { transaction, log }: Ground): Promise<EventId | undefined> {
  const appended = transaction.chainAt(spaceId, author, place)
  if (appended !== undefined) return appended
  const id = await log.chainAt(spaceId, author, place)
  return id === undefined || transaction.removed.has(id) ? undefined : id
}

/** As `chainAt`, with whatever took the place among others. */
async function occupying({ spaceId, author, place }: ChainPlace, { transaction, log }: Ground): Promise<Event | undefined> {
  const appended = transaction.occupantOf(spaceId, author, place)
  if (appended !== undefined) return appended
  for await (const id of log.chainFrom(spaceId, author, place)) {
    if (transaction.removed.has(id)) continue
    const event = await log.read(id)
    return event !== undefined && firstSeq(event) <= place ? event : undefined
  }
  return undefined
}

/** Which of the events that an event names are missing, and which have others in their places. */
async function namesOf(
  { header }: DecodedEvent,
  ground: Ground,
): Promise<{ readonly missing: readonly EventId[]; readonly standIns: readonly StandIn[] }> {
  const named = header.previous === undefined ? header.parents : [...new Set([header.previous, ...header.parents])]
  const missing: EventId[] = []
  const standIns: StandIn[] = []
  for (const name of named) {
    const there = await whatIs(name, header, ground)
    if (there === undefined) missing.push(name)
    else if (there !== name) standIns.push({ name, by: there })
  }
  return { missing, standIns }
}

/** The event of that name, or what took its place. Only an author's own word counts for what is not here, and only in his own events. */
async function whatIs(
  name: EventId,
  { space, author }: Pick<EventHeader, 'space' | 'author'>,
  { transaction, log, covered }: Ground,
): Promise<EventId | undefined> {
  const appended = transaction.ledTo(name) ?? transaction.eventAt(transaction.positionOf(name))?.id
  if (appended !== undefined) return appended
  if (!transaction.removed.has(name)) {
    const found = await log.whereIs(name)
    if (found !== undefined) return found.by ?? name
  }
  const standIn = transaction.standInOf(name, author)
  if (standIn !== undefined) return standIn.id
  const by = (await log.standInOf(name, author))?.by
  if (by !== undefined && !transaction.removed.has(by)) return by
  if (await covered.has(space, name)) return (await log.find(name))?.id ?? name
  return (await covered.hasSuperseded(space, { author, id: name })) ? name : undefined
}

async function positionOf(id: EventId, { log, transaction }: Ground): Promise<number | undefined> {
  return transaction.positionOf(id) ?? (transaction.removed.has(id) ? undefined : await log.positionOf(id))
}

function refused(code: 'SPACE_UNKNOWN' | 'AUTHOR_NOT_PERMITTED', message: string, event: EventId): Placement {
  return { kind: 'refused', error: new SpiceTimeError(code, message, { event }) }
}
