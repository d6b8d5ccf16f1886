import * as Y from 'yjs'

/** One event of a team document, for undo. */
export interface UndoableUpdate {
  readonly id: string
  readonly update: Uint8Array
  /** Of an undo: the event that it took back. */
  readonly target?: string
}

interface Range {
  readonly client: number
  readonly clock: number
  readonly len: number
}

/**
 * The update that takes back one event of a document and leaves what others did since. The past is rebuilt without garbage collection, so that
 * what the event deleted is still there to be restored.
 *
 * What an earlier undo brought back is new to Yjs, but belongs to whoever wrote it first: undoing two events in a row must not stop at the
 * first one's restored content. So the restored copies of the target's content are taken back with it.
 * @param history all events in their order of arrival, `target` among them; one that superseded others may stand there in parts
 */
export function inverseOf(history: readonly UndoableUpdate[], target: string, client: number): Uint8Array {
  const past = new Y.Doc({ gc: false })
  for (const root of ['f', 'm', 'a']) past.getMap(root)
  const undoManager = new Y.UndoManager(past, { trackedOrigins: new Set(['target']), captureTimeout: 0 })
  const inserted = new Map<string, readonly Range[]>()
  for (const { id, update } of history) {
    inserted.set(id, [...(inserted.get(id) ?? []), ...rangesOf(update)])
    Y.applyUpdateV2(past, update, id === target ? 'target' : 'other')
  }
  const step = undoManager.undoStack.at(-1)
  if (step !== undefined) addRanges(step.insertions, restoredCopies(past, { history, inserted, target }))
  past.clientID = client
  const inverse: Uint8Array[] = []
  past.on('updateV2', (update: Uint8Array) => inverse.push(update))
  // An event that superseded others may have come in parts.
  while (undoManager.undoStack.length > 0) undoManager.undo()
  undoManager.destroy()
  past.destroy()
  return inverse.length === 0 ? Y.encodeStateAsUpdateV2(new Y.Doc()) : Y.mergeUpdatesV2(inverse)
}

function rangesOf(update: Uint8Array): readonly Range[] {
  return Y.decodeUpdateV2(update).structs.map(({ id, length }) => ({ client: id.client, clock: id.clock, len: length }))
}

interface Search {
  readonly history: readonly UndoableUpdate[]
  readonly inserted: ReadonlyMap<string, readonly Range[]>
  readonly target: string
}

/** What undo events inserted as copies of the target's content (or of such copies). */
function restoredCopies(past: Y.Doc, { history, inserted, target }: Search): readonly Range[] {
  const owned = [...(inserted.get(target) ?? [])]
  const copies: Range[] = []
  for (const event of history) {
    if (event.target === undefined) continue
    const taken = inserted.get(event.target) ?? []
    for (const range of inserted.get(event.id) ?? []) {
      const original = originalOf(Y.getItem(past.store, Y.createID(range.client, range.clock)), taken, past)
      if (original === undefined || !contains(owned, original)) continue
      owned.push(range)
      copies.push(range)
    }
  }
  return copies
}

/**
 * What a restored item is a copy of. In lists and texts Yjs puts the copy just before the original; under a key the original is what the undone
 * event overwrote there.
 */
function originalOf(copy: Y.Item | Y.GC, taken: readonly Range[], past: Y.Doc): Y.ID | undefined {
  if (!(copy instanceof Y.Item)) return undefined
  if (copy.parentSub === null) return copy.rightOrigin ?? undefined
  for (let left = copy.left; left !== null; left = left.left) {
    if (contains(taken, left.id)) return left.left?.id
  }
  const overwritten = copy.origin === null ? undefined : Y.getItem(past.store, copy.origin)
  return overwritten instanceof Y.Item ? overwritten.id : undefined
}

function contains(ranges: readonly Range[], id: Y.ID): boolean {
  return ranges.some(({ client, clock, len }) => client === id.client && clock <= id.clock && id.clock < clock + len)
}

/** Yjs looks ranges up by binary search, so they stay sorted. */
function addRanges(set: Y.UndoManager['undoStack'][number]['insertions'], ranges: readonly Range[]): void {
  for (const { client, clock, len } of ranges) {
    const known = set.clients.get(client) ?? []
    known.push({ clock, len })
    known.sort((a, b) => a.clock - b.clock)
    set.clients.set(client, known)
  }
}
