import { encodeContent } from '../../codec/content-codec.js'
import { decodeEvent } from '../../codec/event-codec.js'
import type { DecodedEvent } from '../../codec/event-codec.js'
import { authorIdToBytes, eventIdToBytes } from '../../codec/event-id.js'
import type { EventHeader, EventId } from '../../model/event.js'
import { REQUIREMENTS } from '../../model/network.js'
import type { Requirement } from '../../model/network.js'
import { base94Length, toBase94 } from './base94.js'
import {
  after,
  CHAINED,
  CID_PREFIX,
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
  VERSION,
} from './memo-format.js'
import type { Before, MemoEvent } from './memo-format.js'
import { PackedWriter } from './packed-bytes.js'

/** Gathers events into one memo until it is full. */
export class MemoWriter {
  readonly #limit: number
  readonly #parts: Uint8Array<ArrayBuffer>[] = []
  #length = 0
  #author: string | undefined
  #space: string | undefined
  #before: Before | undefined

  /** @param limit most characters of the text */
  constructor(limit: number) {
    this.#limit = Math.min(limit, MOST_MEMO_CHARACTERS)
  }

  /**
   * Adds the event if it fits and goes with those before: same space and author, a higher seq, no earlier time.
   * @throws SpiceTimeError EVENT_MALFORMED and the like for bytes that are no event
   */
  add({ id, bytes }: MemoEvent): boolean {
    const event = decodeEvent(bytes)
    const { header } = event
    // Only team events are merged before they are sent: docs/decisions/0013.
    if (header.supersedes !== undefined) return false
    const writer = new PackedWriter()
    let before = this.#before
    if (before === undefined) before = writeHead(header, writer)
    else if (header.author !== this.#author || header.space !== this.#space) return false
    else if (header.seq <= before.seq || header.time < before.time) return false
    writeEvent(event, before, writer)
    if (memoLength(this.#length + writer.length) > this.#limit) return false
    this.#parts.push(writer.take())
    this.#length += writer.length
    this.#author = header.author
    this.#space = header.space
    this.#before = after(event, id, before)
    return true
  }

  get count(): number {
    return this.#parts.length
  }

  text(): string {
    const whole = new PackedWriter()
    for (const part of this.#parts) whole.raw(part)
    return MARK + VERSION + toBase94(whole.take())
  }
}

function memoLength(bytes: number): number {
  return MARK.length + VERSION.length + base94Length(bytes)
}

/** Writes what comes once, and gives what the first event stands on. */
function writeHead(header: EventHeader, writer: PackedWriter): Before {
  writer.raw(authorIdToBytes(header.author))
  writer.number(header.seq)
  if (header.previous !== undefined) writer.raw(digestOf(header.previous))
  writer.number(header.time)
  return first(header)
}

function writeEvent({ header, payload, signature }: DecodedEvent, before: Before, writer: PackedWriter): void {
  const facts = factsOf({ header, payload }, before)
  writer.raw(Uint8Array.of(facts.flags))
  const has = (flag: number): boolean => (facts.flags & flag) !== 0
  if (has(MORE)) writer.number(facts.more)
  if (!has(CHAINED)) writeChain(header, before, writer)
  writer.number(header.time - before.time)
  if (has(NEEDS)) writeNeeds(header.needs, writer)
  if (has(PARENT_LIST)) writeIds(header.parents, before, writer)
  if (has(EXPECT_LIST)) writeIds(header.expect ?? [], before, writer)
  if (payload.kind === 'sealed' && (facts.more & EPOCH) !== 0) writer.number(payload.epoch)
  const body = payload.kind === 'sealed' ? payload.sealed : encodeContent(payload.content)
  writer.number(body.length)
  writer.raw(body)
  writer.raw(signature)
}

interface Facts {
  readonly flags: number
  readonly more: number
}

/** What of the event follows from the one before, and so is not written. */
function factsOf({ header, payload }: Pick<DecodedEvent, 'header' | 'payload'>, before: Before): Facts {
  const chained = header.seq === before.seq + 1 && header.previous === before.previous
  const newEpoch = payload.kind === 'sealed' && payload.epoch !== before.epoch
  const more = newEpoch ? EPOCH : 0
  const flags =
    (payload.kind === 'sealed' ? SEALED : 0) |
    (chained ? CHAINED : 0) |
    parentsFlag(header) |
    (sameItems(header.needs, before.needs) ? 0 : NEEDS) |
    expectFlag(header) |
    (more === 0 ? 0 : MORE)
  return { flags, more }
}

function parentsFlag({ parents, previous }: EventHeader): number {
  if (parents.length === 0) return 0
  return parents.length === 1 && parents[0] === previous ? PARENT_PREVIOUS : PARENT_LIST
}

function expectFlag({ expect, parents }: EventHeader): number {
  if (expect === undefined) return 0
  return sameItems(expect, parents) ? EXPECT_PARENTS : EXPECT_LIST
}

function writeChain({ seq, previous }: EventHeader, before: Before, writer: PackedWriter): void {
  writer.number(seq - before.seq - 1)
  if (previous !== undefined) writer.raw(digestOf(previous))
}

function writeNeeds(needs: readonly Requirement[], writer: PackedWriter): void {
  writer.number(needs.length)
  for (const need of needs) writer.number(REQUIREMENTS.indexOf(need))
}

function writeIds(ids: readonly EventId[], before: Before, writer: PackedWriter): void {
  writer.number(ids.length)
  for (const id of ids) {
    const at = before.ids.lastIndexOf(id)
    writer.number(at < 0 ? 0 : before.ids.length - at)
    if (at < 0) writer.raw(digestOf(id))
  }
}

/** The digest is all of an id that differs from one id to another. */
function digestOf(id: EventId): Uint8Array<ArrayBuffer> {
  return eventIdToBytes(id).slice(CID_PREFIX.length)
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}
