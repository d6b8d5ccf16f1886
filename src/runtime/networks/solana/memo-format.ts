import type { DecodedEvent } from '../../codec/event-codec.js'
import type { EventHeader, EventId } from '../../model/event.js'
import type { Requirement } from '../../model/network.js'

/**
 * Events of one author in one space as the text of an SPL Memo. What all of them share, or what follows from the one before, is not written;
 * the reader builds each event's signed bytes anew, so that id and signature verify as on any other network. The space is not written
 * either: the reader knows it by the reference key under which it found the transaction, and a stranger learns nothing.
 *
 * (A list of events that storage keeps is another kind of memo: `anchor-memo.ts`.) The text is `S1` and, in base 94:
 *
 *     author (32) | seq of the first | its previous (32, unless seq is 0) | its time | event…
 *     event: flags | [seq - seq before - 1 | previous (32)] | [time - time before] | [needs] | [parents] | [expect] | [epoch] |
 *            length | sealed body or open content | signature (64)
 *
 * `needs` is a count and a byte each; a list of ids is a count, and for each either 0 and 32 bytes, or n for the n-th event before in the memo.
 */
export interface MemoEvent {
  readonly id: EventId
  /** The signed bytes whose CID is `id`; the signature is not checked here. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

export const MARK = 'S'
export const VERSION = '1'
/** No transaction is larger, so no memo is longer: https://solana.com/docs/core/transactions */
export const MOST_MEMO_CHARACTERS = 1232
export const DIGEST_BYTES = 32
export const CID_PREFIX = Uint8Array.of(0x01, 0x71, 0x12, 0x20)

export const SEALED = 1
/** The event's `previous` is the event before in the memo (of the first: the one in the memo's head), its seq one more. */
export const CHAINED = 2
/** The only parent is `previous`. */
export const PARENT_PREVIOUS = 4
export const PARENT_LIST = 8
export const NEEDS = 16
/** `expect` names the parents. */
export const EXPECT_PARENTS = 32
export const EXPECT_LIST = 64
/** Another flag byte: another epoch than before (2); 1 is never written. */
export const MORE = 128
export const SUPERSEDES = 1
export const EPOCH = 2

/** What the event before leaves to the next one. */
export interface Before {
  readonly seq: number
  readonly previous: EventId | undefined
  readonly time: number
  readonly needs: readonly Requirement[]
  readonly epoch: number
  readonly ids: readonly EventId[]
}

/** What the head of a memo says. */
interface Beginning extends Pick<EventHeader, 'seq' | 'time'> {
  readonly previous?: EventId | undefined
}

/** What a memo's first event stands on. */
export function first({ seq, previous, time }: Beginning): Before {
  return { seq: seq - 1, previous, time, needs: ['consensus'], epoch: 0, ids: [] }
}

/** What the event leaves to the next one. */
export function after({ header, payload }: Pick<DecodedEvent, 'header' | 'payload'>, id: EventId, before: Before): Before {
  const epoch = payload.kind === 'sealed' ? payload.epoch : before.epoch
  return { seq: header.seq, previous: id, time: header.time, needs: header.needs, epoch, ids: [...before.ids, id] }
}
