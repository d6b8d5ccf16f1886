import type { Author } from '../../crypto/signing.js'
import { authorIdToBytes } from '../../codec/event-id.js'

/** What is published at once: signed events, signed together by this device's author. The Rust twin is `holochain/zomes/integrity/src/batch.rs`. */
export interface Batch {
  readonly version: number
  /** 32 bytes, the Ed25519 public key of who signed the batch; its events may be of other authors. */
  readonly author: Uint8Array
  /** 64 bytes over {@link signedBytes}. */
  readonly signature: Uint8Array
  readonly events: readonly Uint8Array[]
}

/** Whose network a batch is signed for. */
export interface BatchPlace {
  /** 32 bytes. */
  readonly space: Uint8Array
  /** The 39 bytes of the key of the Holochain agent that publishes it. */
  readonly agent: Uint8Array
}

export const BATCH_VERSION = 1
/** Most bytes of a batch's events, so that with what surrounds them its entry stays below the 512 KiB that every node holds it to. */
export const MAX_BATCH_BYTES = 496 * 1024
export const MAX_BATCH_EVENTS = 1024
const PREFIX = new TextEncoder().encode('spicetime/batch/1\0')
/** A Holochain hash is three bytes of type, 32 of hash and four of location. */
const AGENT_START = 3
const AGENT_END = 35

/** An agent's key alone. */
export function rawAgent(agent: Uint8Array): Uint8Array {
  return agent.subarray(AGENT_START, AGENT_END)
}

/** Signs events, in their order, for one space and one agent. */
export async function makeBatch(author: Author, place: BatchPlace, events: readonly Uint8Array[]): Promise<Batch> {
  const signature = await author.sign(signedBytes(place, events))
  return { version: BATCH_VERSION, author: authorIdToBytes(author.id), signature, events }
}

/** Prefix, space, the agent's key without its type and location, then each event after its length (four bytes, big-endian). */
export function signedBytes({ space, agent }: BatchPlace, events: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = events.reduce((sum, event) => sum + 4 + event.length, PREFIX.length + 64)
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  bytes.set(PREFIX)
  bytes.set(space, PREFIX.length)
  bytes.set(rawAgent(agent), PREFIX.length + 32)
  let at = PREFIX.length + 64
  for (const event of events) {
    view.setUint32(at, event.length)
    bytes.set(event, at + 4)
    at += 4 + event.length
  }
  return bytes
}

/** The events in as few batches as hold them, in their order. */
export function splitIntoBatches(events: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const batches: Uint8Array[][] = []
  let bytes = 0
  for (const event of events) {
    const last = batches.at(-1)
    if (last === undefined || last.length === MAX_BATCH_EVENTS || bytes + event.length > MAX_BATCH_BYTES) {
      batches.push([event])
      bytes = 0
    } else {
      last.push(event)
    }
    // A msgpack `bin` has at most five bytes before its content.
    bytes += event.length + 5
  }
  return batches
}
