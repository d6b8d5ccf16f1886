import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { EventBody } from '../model/event.js'
import type { OperationName } from '../model/operation.js'
import { bodyFields, parseBody } from './content-codec.js'
import { decode, encode } from './dag-cbor.js'

/**
 * A body that does not fit into its event is one canonical dag-cbor block: in the open the body's own map, as it would stand in the event; sealed
 * the byte string that sealing made of it. What names it says which: docs/decisions/0024.
 */
export function encodeBody(body: EventBody): Uint8Array<ArrayBuffer> {
  return encode(bodyFields(body))
}

/** The body of an operation. @throws SpiceTimeError EVENT_MALFORMED, OPERATION_MALFORMED, VALUE_NOT_ENCODABLE */
export function decodeBody(op: OperationName, bytes: Uint8Array): EventBody {
  const body = parseBody(op, decodeBlock(bytes))
  // One body has one block: what this device makes of it again has the CID that the event names.
  const again = encodeBody(body)
  if (again.length !== bytes.length || again.some((byte, index) => byte !== bytes[index])) throw malformed('is not canonical dag-cbor')
  return body
}

export function encodeSealedBody(sealed: Uint8Array): Uint8Array<ArrayBuffer> {
  return encode(sealed)
}

/** @throws SpiceTimeError EVENT_MALFORMED */
export function decodeSealedBody(block: Uint8Array): Uint8Array<ArrayBuffer> {
  const sealed = decodeBlock(block)
  if (sealed instanceof Uint8Array) return new Uint8Array(sealed)
  throw malformed('is not sealed')
}

function decodeBlock(bytes: Uint8Array): ReturnType<typeof decode> {
  try {
    return decode(bytes)
  } catch (error) {
    throw malformed('is not dag-cbor', error)
  }
}

function malformed(why: string, cause?: unknown): SpiceTimeError {
  return new SpiceTimeError('EVENT_MALFORMED', `An event was refused: its body, which is kept beside it, ${why}.`, {}, cause)
}
