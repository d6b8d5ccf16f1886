import { SpiceTimeError } from '../errors/spice-time-error.js'
import { OPERATION_NAMES } from '../model/operation.js'
import type { OperationName } from '../model/operation.js'
import { NETWORKS } from '../model/network.js'
import type { Network } from '../model/network.js'
import { parseEventPath } from '../model/path.js'
import type { StatePath } from '../model/path.js'

/**
 * One event in the log: `version (1), operation, origin, path length (u16), path, signed bytes`. Path and operation stand beside the signed bytes so
 * that listing a log opens no ciphertext.
 */
export interface LogRow {
  readonly op: OperationName
  readonly origin: 'own' | Network
  readonly path: StatePath
  readonly bytes: Uint8Array<ArrayBuffer>
}

const VERSION = 1
const HEAD_BYTES = 5
const OWN = 255
const decoder = new TextDecoder('latin1')

export function encodeLogRow({ op, origin, path, bytes }: Omit<LogRow, 'bytes'> & { readonly bytes: Uint8Array }): Uint8Array<ArrayBuffer> {
  const row = new Uint8Array(HEAD_BYTES + path.length + bytes.length)
  row[0] = VERSION
  row[1] = OPERATION_NAMES.indexOf(op)
  row[2] = origin === 'own' ? OWN : NETWORKS.indexOf(origin)
  row[3] = path.length >> 8
  row[4] = path.length & 255
  for (let index = 0; index < path.length; index++) row[HEAD_BYTES + index] = path.charCodeAt(index)
  row.set(bytes, HEAD_BYTES + path.length)
  return row
}

/** @throws SpiceTimeError RECORD_DAMAGED */
export function decodeLogRow(row: Uint8Array): LogRow {
  const [version, opIndex, originIndex, high = 0, low = 0] = row
  const op = OPERATION_NAMES[opIndex ?? -1]
  const origin = originIndex === OWN ? 'own' : NETWORKS[originIndex ?? -1]
  if (version !== VERSION || op === undefined || origin === undefined) {
    throw new SpiceTimeError('RECORD_DAMAGED', 'A record of the event log can not be read; its event comes again with the next sync.')
  }
  const end = HEAD_BYTES + high * 256 + low
  return { op, origin, path: parseEventPath(decoder.decode(row.subarray(HEAD_BYTES, end))), bytes: new Uint8Array(row.subarray(end)) }
}
