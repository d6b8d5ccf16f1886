import { SpiceTimeError } from '../../../errors/spice-time-error.js'
import { packEntries } from './packed-entries.js'

/*
 * A fence is a row of the commit log without changes. Each opening adds one at the next sequence number, so that the next commit of
 * whoever owned the database before finds its number taken. Nothing else writes such a row.
 */
const FENCE = packEntries('commit', [])

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
