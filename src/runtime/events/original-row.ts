import { decodeLogRow, encodeLogRow } from './log-row.js'
import type { LogRow } from './log-row.js'

/** A superseded event, kept so that it can still be undone by itself, and be there again should what superseded it fall: `position (u40), log row`. */
export interface Original {
  /** Where it stood in this device's log; 0 when it was superseded before it came. */
  readonly position: number
  readonly row: LogRow
}

const POSITION_BYTES = 5

export function encodeOriginal({ position, row }: Original): Uint8Array<ArrayBuffer> {
  const logged = encodeLogRow(row)
  const bytes = new Uint8Array(POSITION_BYTES + logged.length)
  let rest = position
  for (let index = POSITION_BYTES - 1; index >= 0; index--) {
    bytes[index] = rest % 256
    rest = Math.floor(rest / 256)
  }
  bytes.set(logged, POSITION_BYTES)
  return bytes
}

/** @throws SpiceTimeError RECORD_DAMAGED */
export function decodeOriginal(bytes: Uint8Array): Original {
  const position = bytes.subarray(0, POSITION_BYTES).reduce((sum, byte) => sum * 256 + byte, 0)
  return { position, row: decodeLogRow(bytes.subarray(POSITION_BYTES)) }
}
