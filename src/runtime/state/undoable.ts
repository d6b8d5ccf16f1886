import { parseEventId } from '../codec/event-id.js'
import type { EventBody, EventId } from '../model/event.js'
import type { DocumentPath } from '../model/path.js'
import type { DocumentCache } from './document-cache.js'
import type { History } from './history.js'
import type { LiveDocument } from './live-document.js'
import { inverseOf } from './merge/team-undo.js'
import type { UndoableUpdate } from './merge/team-undo.js'

interface UndoParts {
  readonly history: History
  readonly cache: DocumentCache
  readonly client: number
}

/** The body of the event that takes back another; of a team document, the one in memory has its change already. */
export async function undoBody(document: LiveDocument, target: EventId, parts: UndoParts): Promise<EventBody> {
  if (document.policy === 'team') return { update: await inverseIn(document, target, parts), target }
  document.mustFold = true
  return { target }
}

async function inverseIn(document: LiveDocument, target: EventId, { history, cache, client }: UndoParts): Promise<Uint8Array> {
  const [later, base] = await Promise.all([undoable(history, document.path, target), history.baseOf(document.path)])
  const begin = base === undefined ? [] : [{ id: '', update: base.update }]
  const team = await cache.openTeam(document, client)
  const update = inverseOf([...begin, ...later], target, client)
  team.applyOwn(update)
  document.unwritten.push(update)
  return update
}

/**
 * The updates of a team document for undo, oldest first. Superseded events stand where they came, as far as they are here: each for itself, or, where
 * what superseded them is to be undone, as parts of that.
 */
async function undoable(history: History, document: DocumentPath, target: EventId): Promise<readonly UndoableUpdate[]> {
  const steps: { readonly position: number; readonly step: UndoableUpdate }[] = []
  for (const { id, position, header, content } of await history.pastOf(document)) {
    const { update, target: undone } = content.body
    if (update === undefined) continue
    const originals = header.supersedes === undefined ? [] : await history.readOriginals(id)
    for (const { event, position: before } of originals) {
      const part = event.body.update
      if (part !== undefined) steps.push({ position: before, step: { id: id === target ? id : event.id, update: part } })
    }
    // With all of its parts there, the whole brings nothing.
    if (originals.length === (header.supersedes?.length ?? -1)) continue
    steps.push({ position, step: { id, update, ...(undone === undefined ? {} : { target: undone }) } })
  }
  const known = new Set(steps.map(({ step }) => step.id))
  const sorted: UndoableUpdate[] = []
  for (const { step } of steps.toSorted((a, b) => a.position - b.position)) {
    const superseded = step.target !== undefined && !known.has(step.target)
    sorted.push(superseded ? { ...step, target: await history.standing(parseEventId(step.target)) } : step)
  }
  return sorted
}
