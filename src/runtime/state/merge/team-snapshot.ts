import * as Y from 'yjs'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import { isClientOf } from './client-id.js'
import { MAX_CLOCK } from './update-bounds.js'

/** Structs of one document; some hundred bytes of memory each. */
export const MAX_DOCUMENT_STRUCTS = 2 ** 19

/** Columns of an update are run-length encoded, so that twenty bytes can stand for billions of structs: those are never read to their end. */
class BoundedDecoder extends Y.UpdateDecoderV2 {
  #structs = 0

  /** Called once for each struct. */
  override readInfo(): number {
    if (++this.#structs > MAX_DOCUMENT_STRUCTS) throw refused(`it holds a document of more than ${MAX_DOCUMENT_STRUCTS} Yjs structs`)
    return super.readInfo()
  }
}

/**
 * Looks at a whole document as it came in a snapshot, before it is built: sizes, clocks, and whose client ids it has. `authors`: the client ids
 * that the space's authors are bound to.
 * @throws SpiceTimeError SNAPSHOT_REFUSED
 */
export function checkWholeDocument(update: Uint8Array, authors: readonly number[]): void {
  let meta: ReturnType<typeof Y.parseUpdateMetaV2>
  try {
    meta = Y.parseUpdateMetaV2(update, BoundedDecoder)
  } catch (error) {
    if (error instanceof SpiceTimeError) throw error
    throw refused('it holds a document that is no Yjs update', error)
  }
  for (const [client, end] of meta.to) {
    if (!authors.some((author) => isClientOf(client, author)))
      throw refused('it holds a document with changes of somebody who is no author of the space')
    if (end > MAX_CLOCK) throw refused(`it holds a document that counts further than ${MAX_CLOCK} changes of one author`)
  }
  for (const start of meta.from.values()) if (start !== 0) throw refused('it holds a document that does not begin at its beginning')
}

function refused(why: string, cause?: unknown): SpiceTimeError {
  return new SpiceTimeError('SNAPSHOT_REFUSED', `A snapshot was refused: ${why}. The space's past is fetched instead.`, {}, cause)
}
