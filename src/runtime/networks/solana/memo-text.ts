import { decodeContent } from '../../codec/content-codec.js'
import { attachSignature, decodeEvent, encodeUnsigned } from '../../codec/event-codec.js'
import type { DecodedEvent, EventPayload } from '../../codec/event-codec.js'
import { authorIdFromBytes, computeEventId, eventIdFromBytes } from '../../codec/event-id.js'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import { EVENT_VERSION, MAX_PARENTS } from '../../model/event.js'
import type { AuthorId, EventHeader, EventId, SpaceReference } from '../../model/event.js'
import { REQUIREMENTS } from '../../model/network.js'
import type { Requirement } from '../../model/network.js'
import { fromBase94 } from './base94.js'
import {
  after,
  CHAINED,
  CID_PREFIX,
  DIGEST_BYTES,
  EPOCH,
  EXPECT_LIST,
  EXPECT_PARENTS,
  first,
  MARK,
  MORE,
  MOST_MEMO_CHARACTERS,
  NEEDS,
  PARENT_LIST,
  PARENT_PREVIOUS,
  SEALED,
  SUPERSEDES,
  VERSION,
} from './memo-format.js'
import type { Before, MemoEvent } from './memo-format.js'
import { PackedReader, unpackable } from './packed-bytes.js'

const SIGNATURE_BYTES = 64

/** An event of a memo, and what its bytes say. */
export interface ReadEvent extends MemoEvent {
  readonly decoded: DecodedEvent
}

/**
 * The events of a memo, in order. Anyone can write memos, so whatever comes is either read or refused; signatures are for the intake to check.
 * @throws SpiceTimeError EVENT_MALFORMED, EVENT_VERSION_UNKNOWN, PATH_MALFORMED, VALUE_NOT_ENCODABLE, OPERATION_MALFORMED, and no other error
 */
export async function decodeMemo(text: string, space: SpaceReference): Promise<readonly ReadEvent[]> {
  if (text.length > MOST_MEMO_CHARACTERS) throw unpackable(`it has ${text.length} characters, and no transaction holds so many`)
  if (text[0] !== MARK) throw unpackable('it is not one of ours')
  if (text[1] !== VERSION) {
    throw new SpiceTimeError(
      'EVENT_VERSION_UNKNOWN',
      `A memo of version '${text.slice(1, 2)}' was received; this build reads ${VERSION}. Update the application.`,
    )
  }
  const reader = new PackedReader(fromBase94(text.slice(2)))
  const author = authorIdFromBytes(reader.raw(32))
  const seq = reader.number()
  const previous = seq === 0 ? undefined : readDigest(reader)
  let before = first({ seq, previous, time: reader.number() })
  const events: ReadEvent[] = []
  do {
    const event = readEvent(reader, before, { author, space })
    const unsigned = encodeUnsigned(event.header, event.payload)
    const bytes = attachSignature(event.header, event.payload, { unsigned, signature: event.signature })
    // What the packed form lets through and the signed form does not, such as ids that are not sorted.
    const decoded = decodeEvent(bytes)
    const id = await computeEventId(bytes)
    events.push({ id, bytes, decoded })
    before = after(event, id, before)
  } while (!reader.done)
  return events
}

interface Shared {
  readonly author: AuthorId
  readonly space: SpaceReference
}

function readEvent(reader: PackedReader, before: Before, shared: Shared): Pick<DecodedEvent, 'header' | 'payload' | 'signature'> {
  const flags = reader.raw(1)[0] ?? 0
  const more = (flags & MORE) === 0 ? 0 : reader.number()
  const chained = (flags & CHAINED) !== 0
  const seq = before.seq + 1 + (chained ? 0 : reader.number())
  const previous = chained ? before.previous : seq === 0 ? undefined : readDigest(reader)
  const time = before.time + reader.number()
  const needs = (flags & NEEDS) === 0 ? before.needs : readNeeds(reader)
  const parents = readParents(flags, reader, { ...before, previous })
  const expect = (flags & EXPECT_PARENTS) !== 0 ? parents : (flags & EXPECT_LIST) !== 0 ? readIds(reader, before) : undefined
  if ((more & SUPERSEDES) !== 0) throw unpackable('an event in it supersedes others, which no event on a chain does')
  const epoch = (more & EPOCH) === 0 ? before.epoch : reader.number()
  const body = reader.raw(reader.number())
  const payload: EventPayload =
    (flags & SEALED) === 0 ? { kind: 'open', content: decodeContent(body) } : { kind: 'sealed', epoch, sealed: body }
  const header: EventHeader = {
    v: EVENT_VERSION,
    ...shared,
    seq,
    ...(previous === undefined ? {} : { previous }),
    parents,
    time,
    needs,
    ...(expect === undefined ? {} : { expect }),
  }
  return { header, payload, signature: reader.raw(SIGNATURE_BYTES) }
}

function readParents(flags: number, reader: PackedReader, before: Before): readonly EventId[] {
  if ((flags & PARENT_PREVIOUS) === 0) return (flags & PARENT_LIST) === 0 ? [] : readIds(reader, before)
  if (before.previous === undefined) throw unpackable("an author's first event names the one before it")
  return [before.previous]
}

function readIds(reader: PackedReader, before: Before): readonly EventId[] {
  const count = reader.number()
  if (count > MAX_PARENTS) throw unpackable(`it names ${count} events where at most ${MAX_PARENTS} may be`)
  return Array.from({ length: count }, () => {
    const back = reader.number()
    if (back === 0) return readDigest(reader)
    const id = before.ids[before.ids.length - back]
    if (id === undefined) throw unpackable('it points to an event before its first one')
    return id
  })
}

function readNeeds(reader: PackedReader): readonly Requirement[] {
  const count = reader.number()
  if (count > REQUIREMENTS.length) throw unpackable(`an event in it needs ${count} things`)
  return Array.from({ length: count }, () => {
    const need = REQUIREMENTS[reader.number()]
    if (need === undefined) throw unpackable('an event in it needs something unknown')
    return need
  })
}

function readDigest(reader: PackedReader): EventId {
  const cid = new Uint8Array(CID_PREFIX.length + DIGEST_BYTES)
  cid.set(CID_PREFIX)
  cid.set(reader.raw(DIGEST_BYTES), CID_PREFIX.length)
  return eventIdFromBytes(cid)
}
