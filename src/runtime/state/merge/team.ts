import * as Y from 'yjs'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { Value } from '../../model/value.js'
import type { PlainOperation } from './plain-operations.js'
import { foreignClient, isClientOf } from './client-id.js'
import { readValue, rootsOf } from './team-layout.js'
import type { TeamRoots } from './team-layout.js'
import { applyToTeam } from './team-operations.js'
import { MAX_CLOCK, checkNesting, checkUpdateBounds } from './update-bounds.js'

/** A Yjs update (V2) that changes nothing: of an operation that found all as it wanted. */
const EMPTY_UPDATE = Y.encodeStateAsUpdateV2(new Y.Doc())

/** One document under the team policy: every change is a Yjs update (V2), in whatever order they come. */
export class TeamDocument {
  readonly #client: number
  #doc: Y.Doc
  #roots: TeamRoots
  #captured: Uint8Array | undefined

  /** `client`: this author's Yjs client id in the space, see `client-id.ts`. `updates`: all of the document's so far. */
  constructor(client: number, updates: readonly Uint8Array[] = []) {
    this.#client = client
    // Nobody asks for its name, and Yjs would draw 32 random numbers for one.
    this.#doc = new Y.Doc({ guid: '' })
    this.#roots = rootsOf(this.#doc)
    if (updates.length > 0) this.#doc.transact(() => updates.forEach((update) => Y.applyUpdateV2(this.#doc, update)))
    this.#doc.clientID = client
    this.#doc.on('updateV2', (update: Uint8Array) => (this.#captured = update))
  }

  /** Does the operation and returns its update. @throws SpiceTimeError when it does not fit; then nothing was changed */
  compose(operation: PlainOperation): Uint8Array {
    const { update } = operation.body
    if (update === undefined) return this.#capture(() => applyToTeam(this.#roots, operation))
    if (checkUpdate(this.#doc, update, this.#client)) {
      throw new SpiceTimeError('CONFLICT', 'An edit was refused: another editor wrote under the same client id. Open the document again.')
    }
    this.#apply(update)
    return update
  }

  /** Takes in an update of this document's own client that was made on a copy: an inverse, see `team-undo.ts`. */
  applyOwn(update: Uint8Array): void {
    // Yjs gives a document another client id when it meets its own in an update; this one is bound to the author.
    this.#doc.clientID = 0
    Y.applyUpdateV2(this.#doc, update)
    this.#doc.clientID = this.#client
  }

  /**
   * Merges another's update. `author` is the client id that its author is bound to.
   * @throws SpiceTimeError CLIENT_ID_FOREIGN, EVENT_MALFORMED; then the document must be loaded anew
   */
  integrate(update: Uint8Array, author: number): void {
    checkUpdate(this.#doc, update, author)
    this.#apply(update)
  }

  /** Merges a whole document of a snapshot, which was looked at before. @throws SpiceTimeError EVENT_MALFORMED; then the document must be loaded anew */
  take(update: Uint8Array): void {
    this.#apply(update)
  }

  /** What a document with that state vector lacks, and the state vector that it has then. */
  since(vector?: Uint8Array): { readonly update: Uint8Array; readonly vector: Uint8Array } {
    return { update: Y.encodeStateAsUpdateV2(this.#doc, vector), vector: Y.encodeStateVector(this.#doc) }
  }

  #apply(update: Uint8Array): void {
    try {
      // In a transaction of our own Yjs leaves superfluous formatting marks alone: what it took away here would be in no event.
      this.#doc.transact(() => Y.applyUpdateV2(this.#doc, update))
    } catch (error) {
      throw new SpiceTimeError('EVENT_MALFORMED', 'An event was refused: its Yjs update can not be applied.', {}, error)
    }
    this.#doc.clientID = this.#client
    if (this.#doc.store.pendingStructs !== null || this.#doc.store.pendingDs !== null) {
      throw new SpiceTimeError('EVENT_MALFORMED', 'An event was refused: its Yjs update builds on changes that its parents do not hold.')
    }
  }

  value(): Value | undefined {
    return readValue(this.#roots)
  }

  /** One update that holds the whole document. */
  encode(): Uint8Array {
    return Y.encodeStateAsUpdateV2(this.#doc)
  }

  destroy(): void {
    this.#doc.destroy()
  }

  #capture(change: () => void): Uint8Array {
    this.#captured = undefined
    this.#doc.transact(change)
    const update = this.#captured ?? EMPTY_UPDATE
    // What others would refuse is refused here.
    checkUpdateBounds(update)
    return update
  }
}

/**
 * An update may bring new structs of one client id of its author only, and only right after those that are here.
 * @returns whether it holds some that are here already
 */
function checkUpdate(doc: Y.Doc, update: Uint8Array, author: number): boolean {
  let structs: ReturnType<typeof Y.decodeUpdateV2>['structs']
  try {
    checkUpdateBounds(update)
    structs = Y.decodeUpdateV2(update).structs
    checkNesting(structs)
  } catch (error) {
    if (error instanceof SpiceTimeError) throw error
    throw new SpiceTimeError('EVENT_MALFORMED', 'An event was refused: its body is not a Yjs update.', {}, error)
  }
  const client = structs[0]?.id.client ?? author
  let end = Y.getState(doc.store, client)
  const overlaps = structs[0] !== undefined && structs[0].id.clock < end
  for (const struct of structs) {
    if (struct.id.client !== client || !isClientOf(client, author)) {
      throw foreignClient()
    }
    if (struct instanceof Y.Skip || struct.id.clock > end) {
      throw new SpiceTimeError('EVENT_MALFORMED', 'An event was refused: its Yjs update leaves a gap in its author’s changes.')
    }
    end = Math.max(end, struct.id.clock + struct.length)
  }
  if (end > MAX_CLOCK) {
    throw new SpiceTimeError(
      'EVENT_MALFORMED',
      `An event was refused: its Yjs update counts further than ${MAX_CLOCK} changes of one author.`,
    )
  }
  return overlaps
}
