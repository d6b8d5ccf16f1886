import { encodeContent } from '../codec/content-codec.js'
import { attachSignature, encodeUnsigned, fitsSigned } from '../codec/event-codec.js'
import type { EventPayload } from '../codec/event-codec.js'
import { computeEventId } from '../codec/event-id.js'
import type { ParsedInput } from '../codec/input-codec.js'
import type { Author } from '../crypto/signing.js'
import { EVENT_VERSION, MAX_PARENTS } from '../model/event.js'
import type { Event, EventContent, EventHeader, EventId } from '../model/event.js'
import type { ChainBatch } from './author-chain.js'
import type { BodyKeeper } from './body-keeper.js'
import type { HybridClock } from './clock.js'
import type { SpaceAccess } from './space-directory.js'

/** An own operation whose change is in memory and whose content is being sealed. */
export interface DraftEvent {
  readonly input: ParsedInput
  readonly content: EventContent
  readonly access: SpaceAccess
  readonly payload: Promise<EventPayload>
}

/** Starts to seal the content; encryption of later events runs while earlier ones are signed. */
export function draft(input: ParsedInput, content: EventContent, access: SpaceAccess): DraftEvent {
  const payload = payloadOf(input, content, access)
  // The rejection is taken up where the draft is signed; until then it must not count as unhandled.
  payload.catch(() => undefined)
  return { input, content, access, payload }
}

async function payloadOf(input: ParsedInput, content: EventContent, access: SpaceAccess): Promise<EventPayload> {
  if (access.sealing === undefined || input.public) return { kind: 'open', content }
  const { epoch, cipher } = access.sealing
  return { kind: 'sealed', epoch, sealed: await cipher.seal(encodeContent(content)) }
}

export interface SealingDesk {
  readonly author: Author
  readonly bodies: () => Promise<BodyKeeper>
}

export interface SigningDesk extends SealingDesk {
  readonly clock: HybridClock
  readonly chains: ChainBatch
}

/** Gives a draft its place in its author's chain and the causal graph, signs it and names it. @throws SpiceTimeError EVENT_TOO_LARGE */
export async function sign(drafted: DraftEvent, heads: readonly EventId[], desk: SigningDesk): Promise<Event> {
  const { input, access } = drafted
  await drafted.payload
  const last = await desk.chains.head(access.id, desk.author.id)
  const header: EventHeader = {
    v: EVENT_VERSION,
    space: access.wire,
    author: desk.author.id,
    seq: last === undefined ? 0 : last.seq + 1,
    ...(last === undefined ? {} : { previous: last.id }),
    parents: parentsOf(heads, input.after),
    time: desk.clock.tick(),
    needs: input.needs,
    ...(input.expect === undefined ? {} : { expect: input.expect }),
  }
  const event = await finish(drafted, header, desk)
  desk.chains.advance(access.id, desk.author.id, { seq: header.seq, id: event.id })
  return event
}

/** Signs a draft whose place is known, and names it. @throws SpiceTimeError EVENT_TOO_LARGE */
export async function finish(drafted: DraftEvent, header: EventHeader, { author, bodies }: SealingDesk): Promise<Event> {
  let { content } = drafted
  let payload = await drafted.payload
  let unsigned = encodeUnsigned(header, payload)
  if (!fitsSigned(unsigned)) {
    ;({ content, payload } = await (await bodies()).setBeside(drafted))
    unsigned = encodeUnsigned(header, payload)
  }
  const bytes = attachSignature(header, payload, { unsigned, signature: await author.sign(unsigned) })
  const id = await computeEventId(bytes)
  return { ...header, ...content, id, spaceId: drafted.access.id, public: payload.kind === 'open', bytes }
}

/** Sorted and single. Of more heads than an event can name, the newest matter least: the others reach them later through their own children. */
function parentsOf(heads: readonly EventId[], after: readonly EventId[]): readonly EventId[] {
  if (after.length === 0 && heads.length <= 1) return heads
  return [...new Set([...after, ...heads])].slice(0, MAX_PARENTS).sort()
}
