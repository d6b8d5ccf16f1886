import { createDecoder, readVarUint } from 'lib0/decoding'
import * as Y from 'yjs'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import { MAX_EVENT_BYTES } from '../../model/event.js'
import { foreignClient } from './client-id.js'

/** Structs of one update. A value of an event's size holds at most one item per byte, and an item makes at most two structs. */
export const MAX_UPDATE_STRUCTS = 2 * MAX_EVENT_BYTES
/** Where an author's Yjs clock in one document ends; beyond, arithmetic on clocks would lose its exactness soon. */
export const MAX_CLOCK = 2 ** 31 - 1

/**
 * Looks at what an update (V2) claims before anything of it is built: its columns are run-length encoded, so that twenty bytes
 * can stand for billions of structs.
 * @throws SpiceTimeError CLIENT_ID_FOREIGN, EVENT_MALFORMED; Error when the bytes are no update
 */
export function checkUpdateBounds(update: Uint8Array): void {
  const { restDecoder } = new Y.UpdateDecoderV2(createDecoder(update))
  const clients = readVarUint(restDecoder)
  if (clients > 1) {
    throw foreignClient()
  }
  if (clients === 1 && readVarUint(restDecoder) > MAX_UPDATE_STRUCTS) {
    throw new SpiceTimeError('EVENT_MALFORMED', `An event was refused: its Yjs update claims more than ${MAX_UPDATE_STRUCTS} structs.`)
  }
}
