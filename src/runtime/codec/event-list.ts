import { SpiceTimeError } from '../errors/spice-time-error.js'
import { MAX_EVENT_BYTES } from '../model/event.js'
import { decode, encode } from './dag-cbor.js'

/**
 * A list of signed events is one canonical dag-cbor map, so that the same events in the same order have the same CID:
 *
 * | key | value |
 * | --- | --- |
 * | v | 1 |
 * | events | the signed bytes of one event or more, in the order in which they take effect |
 *
 * The events are not looked into here: each has its own id and signature, whichever list it is in.
 */
const VERSION = 1
/** Of a whole list: what networks keep as one block. */
export const MAX_LIST_BYTES = 1024 * 1024
/** A signature and an author's key alone are 96 bytes: what is smaller is no event, and a block full of such takes no work. */
const FEWEST_EVENT_BYTES = 128
/** The map around the events; the heads of the list and of an event, at their longest. */
const FRAME_BYTES = 16
const HEAD_BYTES = 5

/** Whether that many events of so many bytes together are surely within one list. */
export function fitsInList(count: number, bytes: number): boolean {
  return FRAME_BYTES + count * HEAD_BYTES + bytes <= MAX_LIST_BYTES
}

/** @throws SpiceTimeError EVENT_TOO_LARGE when they are more than one list holds, INPUT_MALFORMED for no event at all */
export function encodeEventList(events: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  if (events.length === 0 || !events.every(isEventSized))
    throw new SpiceTimeError(
      'INPUT_MALFORMED',
      `A list holds at least one event, each of ${FEWEST_EVENT_BYTES} to ${MAX_EVENT_BYTES} bytes.`,
    )
  const bytes = encode({ v: VERSION, events })
  if (bytes.length <= MAX_LIST_BYTES) return bytes
  throw new SpiceTimeError(
    'EVENT_TOO_LARGE',
    `A list of ${events.length} events has ${bytes.length} bytes; at most ${MAX_LIST_BYTES} are allowed. Divide it.`,
    { bytes: bytes.length, limit: MAX_LIST_BYTES },
  )
}

/** The events' bytes, in their order. @throws SpiceTimeError CONTENT_DAMAGED for bytes that are no list of this version, or not in canonical form */
export function decodeEventList(bytes: Uint8Array): readonly Uint8Array<ArrayBuffer>[] {
  if (bytes.length > MAX_LIST_BYTES) throw noList(`it has ${bytes.length} bytes, and at most ${MAX_LIST_BYTES} are allowed`)
  const { v, events } = fieldsOf(bytes)
  if (v !== VERSION) throw noList(`this build reads version ${VERSION} alone`)
  if (!Array.isArray(events) || events.length === 0) throw noList('it holds no events')
  const items: readonly unknown[] = events
  const list = items.map((item) => {
    if (!(item instanceof Uint8Array) || !isEventSized(item)) throw noList('something in it can be no event')
    return new Uint8Array(item)
  })
  // What may be written in more than one way, or has other keys beside ours, comes out as other bytes.
  if (!sameBytes(encode({ v: VERSION, events: list }), bytes)) throw noList('it is not in the canonical form')
  return list
}

function fieldsOf(bytes: Uint8Array): { readonly [key: string]: unknown } {
  let value: unknown
  try {
    value = decode(bytes)
  } catch (error) {
    // What the reader stumbles over need not be an error of ours: the bytes are a stranger's.
    throw noList('it can not be read', error)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw noList('it is no map')
  return Object.fromEntries(Object.entries(value))
}

function isEventSized({ length }: Uint8Array): boolean {
  return length >= FEWEST_EVENT_BYTES && length <= MAX_EVENT_BYTES
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

function noList(why: string, cause?: unknown): SpiceTimeError {
  return new SpiceTimeError('CONTENT_DAMAGED', `Content that should be a list of events is none: ${why}.`, {}, cause)
}
