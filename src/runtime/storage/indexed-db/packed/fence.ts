import { SpiceTimeError } from '../../../errors/spice-time-error.js'
import { crc32 } from '../../crc32.js'

/*
 * A fence is a row of the commit log without changes. Each opening adds one at the next sequence number, so that the next commit of
 * whoever owned the database before finds its number taken: 'S' 'T' version 'F', and their CRC.
 */
const HEAD = Uint8Array.of(0x53, 0x54, 1, 0x46)
const FENCE = makeFence()

/** Fences that stay behind, the newest: an owner that sleeps through more openings than that is not caught by its next commit. */
export const FENCES_KEPT = 64

export function fenceRow(): Uint8Array<ArrayBuffer> {
  return FENCE.slice()
}

export function isFence(bytes: Uint8Array): boolean {
  return bytes.byteLength === FENCE.byteLength && bytes.every((byte, at) => byte === FENCE[at])
}

/** The error of a connection whose database has another owner now: its context says `overtaken`. */
export function overtakenError(cause?: unknown): SpiceTimeError {
  return new SpiceTimeError(
    'STORAGE_CLOSED',
    'Another connection has taken over this database, so this one was closed. Open it again to go on.',
    { overtaken: true },
    cause,
  )
}

function makeFence(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8)
  bytes.set(HEAD)
  new DataView(bytes.buffer).setUint32(4, crc32(HEAD, 0, [0, HEAD.byteLength]), true)
  return bytes
}
