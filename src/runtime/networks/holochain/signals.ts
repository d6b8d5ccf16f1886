import { decode, encode } from '../../codec/dag-cbor.js'
import { isValueList } from '../../model/value.js'
import type { Value } from '../../model/value.js'
import { MAX_SIGNAL_BYTES } from './zome-calls.js'

/** What members who are online tell one another, past the DHT: never stored, and perhaps lost. */
export type MemberSignal =
  /** There is something to pull: the sender's batch of this number, where that is said. */
  | { readonly kind: 'news'; readonly number?: number }
  /** What was just published: the pull that follows brings it again. */
  | { readonly kind: 'events'; readonly events: readonly Uint8Array[] }
  /** What do you have of mine? */
  | { readonly kind: 'asks' }
  /** So much of yours: all batches below `next`, and those `above` it. */
  | { readonly kind: 'mark'; readonly next: number; readonly above: readonly number[] }
  /** Of the runtime's own, for whoever is there now. */
  | { readonly kind: 'message'; readonly message: Uint8Array }

const NEWS = 0
const EVENTS = 1
const MESSAGE = 2
const ASKS = 3
const MARK = 4

/** As the DNA's pull holds it to (`WINDOW` in holochain/zomes/coordinator/src/marks.rs). */
const MOST_ABOVE = 4096

/** A byte that names the kind, then dag-cbor: `[number]`, the list of events, or `[next, ...above]`; or the message as it is. */
export function encodeSignal(signal: MemberSignal): Uint8Array {
  switch (signal.kind) {
    case 'news':
      return signal.number === undefined ? Uint8Array.of(NEWS) : withKind(NEWS, encode([signal.number]))
    case 'asks':
      return Uint8Array.of(ASKS)
    case 'events':
      return withKind(EVENTS, encode(signal.events))
    case 'mark':
      return withKind(MARK, encode([signal.next, ...signal.above]))
    case 'message':
      return withKind(MESSAGE, signal.message)
  }
}

function withKind(kind: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + body.length)
  bytes[0] = kind
  bytes.set(body, 1)
  return bytes
}

/** Events that are too large for a signal are news. @param number of their batch */
export function signalOf(events: readonly Uint8Array[], number: number): Uint8Array {
  const bytes = encodeSignal({ kind: 'events', events })
  return bytes.length <= MAX_SIGNAL_BYTES ? bytes : encodeSignal({ kind: 'news', number })
}

/** Undefined for what is none: a signal is a hint, and another build's may be another. */
export function parseMemberSignal(bytes: Uint8Array): MemberSignal | undefined {
  const body = new Uint8Array(bytes.subarray(1))
  switch (bytes[0]) {
    case NEWS:
      return parseNews(body)
    case ASKS:
      return { kind: 'asks' }
    case MESSAGE:
      return { kind: 'message', message: body }
    case EVENTS:
      return parseEvents(body)
    case MARK:
      return parseMark(body)
    default:
      return undefined
  }
}

/** Whatever follows, there is news: earlier builds say no number. */
function parseNews(body: Uint8Array<ArrayBuffer>): MemberSignal {
  const number = listIn(body)?.[0]
  return number !== undefined && isNumberOfBatch(number) ? { kind: 'news', number } : { kind: 'news' }
}

function parseEvents(body: Uint8Array<ArrayBuffer>): MemberSignal | undefined {
  const events = listIn(body)
  return events?.every((event) => event instanceof Uint8Array) === true ? { kind: 'events', events } : undefined
}

function parseMark(body: Uint8Array<ArrayBuffer>): MemberSignal | undefined {
  const numbers = listIn(body)
  if (numbers === undefined || numbers.length > MOST_ABOVE + 1 || !numbers.every(isNumberOfBatch)) return undefined
  const [next, ...above] = numbers
  return next === undefined || above.some((number) => number < next) ? undefined : { kind: 'mark', next, above }
}

function isNumberOfBatch(value: Value): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff
}

function listIn(body: Uint8Array<ArrayBuffer>): readonly Value[] | undefined {
  try {
    const value = decode(body)
    return isValueList(value) ? value : undefined
  } catch {
    return undefined
  }
}
