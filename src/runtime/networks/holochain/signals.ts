import { decode, encode } from '../../codec/dag-cbor.js'
import { MAX_SIGNAL_BYTES } from './zome-calls.js'

/** What members who are online tell one another, past the DHT: never stored, and perhaps lost. */
export type MemberSignal =
  /** There is something to pull. */
  | { readonly kind: 'news' }
  /** What was just published: the pull that follows brings it again. */
  | { readonly kind: 'events'; readonly events: readonly Uint8Array[] }
  /** Of the runtime's own, for whoever is there now. */
  | { readonly kind: 'message'; readonly message: Uint8Array }

const NEWS = 0
const EVENTS = 1
const MESSAGE = 2

/** A byte that names the kind, then dag-cbor's list of events, or the message as it is. */
export function encodeSignal(signal: MemberSignal): Uint8Array {
  if (signal.kind === 'news') return Uint8Array.of(NEWS)
  const body = signal.kind === 'events' ? encode(signal.events) : signal.message
  const bytes = new Uint8Array(1 + body.length)
  bytes[0] = signal.kind === 'events' ? EVENTS : MESSAGE
  bytes.set(body, 1)
  return bytes
}

/** Events that are too large for a signal are news. */
export function signalOf(events: readonly Uint8Array[]): Uint8Array {
  const bytes = encodeSignal({ kind: 'events', events })
  return bytes.length <= MAX_SIGNAL_BYTES ? bytes : encodeSignal({ kind: 'news' })
}

/** Undefined for what is none: a signal is a hint, and another build's may be another. */
export function parseMemberSignal(bytes: Uint8Array): MemberSignal | undefined {
  const body = bytes.subarray(1)
  if (bytes[0] === NEWS) return { kind: 'news' }
  if (bytes[0] === MESSAGE) return { kind: 'message', message: new Uint8Array(body) }
  if (bytes[0] !== EVENTS) return undefined
  try {
    const events = decode(new Uint8Array(body))
    if (!Array.isArray(events) || !events.every((event) => event instanceof Uint8Array)) return undefined
    return { kind: 'events', events }
  } catch {
    return undefined
  }
}
