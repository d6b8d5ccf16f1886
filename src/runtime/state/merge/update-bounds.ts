import { createDecoder, readVarUint } from 'lib0/decoding'
import * as Y from 'yjs'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import { MAX_EVENT_BYTES } from '../../model/event.js'
import { foreignClient } from './client-id.js'

/** Structs of an update that fits into an event; a larger one may have two a byte. A value holds at most one item per byte, and an item makes at most two. */
export const MAX_UPDATE_STRUCTS = 2 * MAX_EVENT_BYTES
/** Shared types inside one another, in one update. A value has at most 64 levels, and the path to it at most 13. */
export const MAX_NESTING = 128
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
  const limit = Math.max(MAX_UPDATE_STRUCTS, 2 * update.length)
  if (clients === 1 && readVarUint(restDecoder) > limit) {
    throw new SpiceTimeError('EVENT_MALFORMED', `An event was refused: its Yjs update claims more than ${limit} structs.`)
  }
}

type Struct = ReturnType<typeof Y.decodeUpdateV2>['structs'][number]

/**
 * An update of an event's size could hold tens of thousands of types inside one another, and Yjs deletes them by recursion.
 * What is inside what is told by this update alone, so that every device refuses the same ones.
 * @param structs of one client, ascending
 * @throws SpiceTimeError EVENT_MALFORMED
 */
export function checkNesting(structs: readonly Struct[]): void {
  const depths: number[] = []
  const depthAt = (id: Y.ID | null): number => (id === null ? 0 : (depths[indexOf(structs, id, depths.length)] ?? 0))
  for (const struct of structs) {
    const depth = struct instanceof Y.Item ? depthOf(struct, depthAt) : 0
    if (depth > MAX_NESTING) {
      throw new SpiceTimeError('EVENT_MALFORMED', `An event was refused: its Yjs update nests types more than ${MAX_NESTING} deep.`)
    }
    depths.push(depth)
  }
}

/** An item that names its parent lies in it; one that names a neighbour lies where that does. */
function depthOf({ parent, origin, rightOrigin }: Y.Item, depthAt: (id: Y.ID | null) => number): number {
  if (parent instanceof Y.ID) return depthAt(parent) + 1
  return Math.max(depthAt(origin), depthAt(rightOrigin))
}

/** Of the struct that holds the clock, among the first `end`; -1 when none does. */
function indexOf(structs: readonly Struct[], { client, clock }: Y.ID, end: number): number {
  let [low, high] = [0, end - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const { id, length } = structs[middle] ?? { id: { client, clock }, length: 1 }
    if (clock < id.clock) high = middle - 1
    else if (clock >= id.clock + length) low = middle + 1
    else return id.client === client ? middle : -1
  }
  return -1
}
