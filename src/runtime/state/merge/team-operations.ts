import * as Y from 'yjs'
import type { OperationName, TextDelta } from '../../model/operation.js'
import { isValueMap } from '../../model/value.js'
import type { Value, ValueMap } from '../../model/value.js'
import type { PlainOperation } from './plain-operations.js'
import { hasText, itemAt, MAP_MARK, SCALAR_MARK, textAt, TEXT_PREFIX } from './team-layout.js'
import type { TeamRoots } from './team-layout.js'
import { sharedEquals, sharedKind, sharedList, toShared } from './team-values.js'
import { outOfRange, parseIndex, typeClash } from './type-clash.js'

/**
 * Does one operation on a Yjs document, inside the caller's transaction. Everything is checked before anything is changed.
 * @throws SpiceTimeError VALUE_TYPE_CLASH, OPERATION_MALFORMED
 */
export function applyToTeam(roots: TeamRoots, operation: PlainOperation): void {
  const { op, fields, body } = operation
  switch (op) {
    case 'put':
    case 'file':
      return fields.length === 0 ? putDocument(roots, body.value ?? null) : putField(roots, operation)
    case 'patch':
      return patch(roots, operation)
    case 'remove':
      return fields.length === 0 ? clearDocument(roots) : removeField(roots, operation)
    case 'add':
      return add(roots, operation)
    case 'insert':
    case 'delete':
      return editList(roots, operation)
    case 'text':
      return editText(roots, fields, body.delta ?? [])
    case 'undo':
      throw typeClash(op, fields, 'a value that this operation does not work on')
  }
}

function putDocument(roots: TeamRoots, value: Value): void {
  clearAdded(roots, '')
  if (!isValueMap(value)) {
    clearDocument(roots)
    roots.marks.set(SCALAR_MARK, toShared(value))
    return
  }
  for (const key of [...roots.fields.keys()]) if (!Object.hasOwn(value, key)) roots.fields.delete(key)
  clearTexts(roots, '')
  setFields(roots, roots.fields, value)
}

function setFields(roots: TeamRoots, map: Y.Map<unknown>, value: ValueMap): void {
  if (roots.marks.has(SCALAR_MARK)) roots.marks.delete(SCALAR_MARK)
  if (roots.marks.get(MAP_MARK) !== true) roots.marks.set(MAP_MARK, true)
  for (const [key, item] of Object.entries(value)) if (!sharedEquals(map.get(key), item)) map.set(key, toShared(item))
}

function clearDocument(roots: TeamRoots): void {
  clearAdded(roots, '')
  clearTexts(roots, '')
  for (const key of [...roots.fields.keys()]) roots.fields.delete(key)
  for (const mark of [SCALAR_MARK, MAP_MARK]) if (roots.marks.has(mark)) roots.marks.delete(mark)
  // A register that only ever had additions gets a write and its removal, so that the additions belong to the past.
  if (itemAt(roots.marks, SCALAR_MARK) === '') {
    roots.marks.set(SCALAR_MARK, null)
    roots.marks.delete(SCALAR_MARK)
  }
}

/** Live texts at or below a field; '' is the whole document. */
function clearTexts(roots: TeamRoots, field: string): void {
  for (const mark of [...roots.marks.keys()]) {
    const at = mark.startsWith(TEXT_PREFIX) ? mark.slice(TEXT_PREFIX.length) : undefined
    if (at === undefined || !(field === '' || at === field || at.startsWith(`${field}/`))) continue
    const text = textAt(roots, at)
    text.delete(0, text.length)
    roots.marks.delete(mark)
  }
}

/** Forgets the additions at a field (and below); the write that follows makes those of others stale too. */
function clearAdded(roots: TeamRoots, field: string): void {
  if (roots.added.size === 0) return
  for (const key of [...roots.added.keys()]) {
    if (field === '' || key.startsWith(`${field}#`) || key.startsWith(`${field}/`)) roots.added.delete(key)
  }
}

type Place = { readonly map: Y.Map<unknown>; readonly key: string } | { readonly list: Y.Array<unknown>; readonly index: number }

/** Where a field lies. Missing maps on the way are made only after the rest of the way was seen to fit. */
function placeOf(
  roots: TeamRoots,
  { op, fields }: Pick<PlainOperation, 'op' | 'fields'>,
): { readonly found: Place | undefined; readonly make: () => Place } {
  if (roots.marks.has(SCALAR_MARK)) throw typeClash(op, [], sharedKind(roots.marks.get(SCALAR_MARK)))
  let at: unknown = roots.fields
  for (const [depth, segment] of fields.slice(0, -1).entries()) {
    const path = fields.slice(0, depth + 1)
    if (hasText(roots, path.join('/'))) throw typeClash(op, path, 'text')
    const next: unknown = step(at, segment)
    if (next === undefined && at instanceof Y.Map) {
      const parent: Y.Map<unknown> = at
      return { found: undefined, make: () => makeMaps(roots, parent, fields.slice(depth)) }
    }
    if (!(next instanceof Y.Map) && !(next instanceof Y.Array)) throw typeClash(op, path, sharedKind(next))
    at = next
  }
  const place = placeIn(at, op, fields)
  return { found: place, make: () => (markMap(roots), place) }
}

function placeIn(container: unknown, op: OperationName, fields: readonly string[]): Place {
  const key = fields.at(-1) ?? ''
  if (container instanceof Y.Map) return { map: container, key }
  const index = parseIndex(key)
  if (!(container instanceof Y.Array) || index === undefined || index >= container.length) {
    throw outOfRange(op, fields, `there is no item '${key}' in the list`)
  }
  return { list: container, index }
}

function step(at: unknown, segment: string): unknown {
  if (at instanceof Y.Map) return at.get(segment)
  const index = parseIndex(segment)
  return at instanceof Y.Array && index !== undefined ? at.get(index) : undefined
}

function makeMaps(roots: TeamRoots, parent: Y.Map<unknown>, fields: readonly string[]): Place {
  markMap(roots)
  let map = parent
  for (const segment of fields.slice(0, -1)) {
    const made = new Y.Map<unknown>()
    map.set(segment, made)
    map = made
  }
  return { map, key: fields.at(-1) ?? '' }
}

function markMap(roots: TeamRoots): void {
  if (roots.marks.get(MAP_MARK) !== true) roots.marks.set(MAP_MARK, true)
}

function putField(roots: TeamRoots, operation: PlainOperation): void {
  const value = operation.body.value ?? null
  const place = placeOf(roots, operation).make()
  const field = operation.fields.join('/')
  clearTexts(roots, field)
  clearAdded(roots, field)
  if ('map' in place) place.map.set(place.key, toShared(value))
  else {
    place.list.delete(place.index)
    place.list.insert(place.index, [toShared(value)])
  }
}

function removeField(roots: TeamRoots, operation: PlainOperation): void {
  const { found } = placeOf(roots, operation)
  const field = operation.fields.join('/')
  clearTexts(roots, field)
  clearAdded(roots, field)
  if (found === undefined) return
  if ('list' in found) return found.list.delete(found.index)
  if (!found.map.has(found.key)) found.map.set(found.key, null)
  found.map.delete(found.key)
}

function patch(roots: TeamRoots, operation: PlainOperation): void {
  const { fields, body } = operation
  const changes = isValueMap(body.value) ? body.value : {}
  const target = patchTarget(roots, operation)
  for (const key of Object.keys(changes)) {
    const field = [...fields, key].join('/')
    clearTexts(roots, field)
    clearAdded(roots, field)
  }
  setFields(roots, target(), changes)
}

function patchTarget(roots: TeamRoots, operation: PlainOperation): () => Y.Map<unknown> {
  const { op, fields } = operation
  if (fields.length === 0) {
    if (roots.marks.has(SCALAR_MARK)) throw typeClash(op, fields, sharedKind(roots.marks.get(SCALAR_MARK)))
    return () => roots.fields
  }
  if (hasText(roots, fields.join('/'))) throw typeClash(op, fields, 'text')
  const { found, make } = placeOf(roots, operation)
  const present = found === undefined ? undefined : read(found)
  if (present instanceof Y.Map) return () => present
  if (present !== undefined) throw typeClash(op, fields, sharedKind(present))
  return () => {
    const made = new Y.Map<unknown>()
    write(make(), made)
    return made
  }
}

function read(place: Place): unknown {
  return 'map' in place ? place.map.get(place.key) : place.list.get(place.index)
}

function write(place: Place, shared: unknown): void {
  if ('map' in place) place.map.set(place.key, shared)
}

function add(roots: TeamRoots, operation: PlainOperation): void {
  const { op, fields, body } = operation
  const amount = typeof body.value === 'number' ? body.value : 0
  const field = fields.join('/')
  if (hasText(roots, field)) throw typeClash(op, fields, 'text')
  if (fields.length === 0 && (roots.fields.size > 0 || roots.marks.get(MAP_MARK) === true)) throw typeClash(op, fields, 'a map')
  const { found, make } = fields.length === 0 ? scalarPlace(roots) : placeOf(roots, operation)
  if (found !== undefined && 'list' in found) throw typeClash(op, fields, 'an item of a list, whose position can move')
  const present = found === undefined ? undefined : read(found)
  if (present !== undefined && typeof present !== 'number') throw typeClash(op, fields, sharedKind(present))
  const place = make()
  if (!('map' in place)) return
  const key = `${field}#${itemAt(place.map, place.key)}#${roots.doc.clientID}`
  const before = roots.added.get(key)
  roots.added.set(key, (typeof before === 'number' ? before : 0) + amount)
}

function scalarPlace(roots: TeamRoots): { readonly found: Place; readonly make: () => Place } {
  const place = { map: roots.marks, key: SCALAR_MARK }
  return { found: place, make: () => place }
}

function editList(roots: TeamRoots, operation: PlainOperation): void {
  const { op, fields, body } = operation
  const { found, make } = fields.length === 0 ? listDocument(roots, op) : placeOf(roots, operation)
  const present = found === undefined ? undefined : read(found)
  if (present !== undefined && !(present instanceof Y.Array)) throw typeClash(op, fields, sharedKind(present))
  if (op === 'delete') return deleteItems(present, operation)
  const { index = 0, value = null } = body
  const length = present?.length ?? 0
  if (index > length) throw outOfRange(op, fields, `index ${index} is past the end of a list of ${length}`)
  if (present === undefined) write(make(), sharedList([value]))
  else present.insert(index, [toShared(value)])
}

function deleteItems(list: Y.Array<unknown> | undefined, { op, fields, body }: PlainOperation): void {
  const { index = 0, count = 0 } = body
  if (list === undefined) throw typeClash(op, fields, 'nothing')
  if (index + count > list.length) throw outOfRange(op, fields, `${index} + ${count} is past the end of a list of ${list.length}`)
  if (count > 0) list.delete(index, count)
}

function listDocument(roots: TeamRoots, op: OperationName): { readonly found: Place; readonly make: () => Place } {
  if (!roots.marks.has(SCALAR_MARK) && (roots.fields.size > 0 || roots.marks.get(MAP_MARK) === true)) throw typeClash(op, [], 'a map')
  return scalarPlace(roots)
}

function editText(roots: TeamRoots, fields: readonly string[], delta: TextDelta): void {
  const field = fields.join('/')
  if (fields.length === 0) throw typeClash('text', fields, 'a document; text lives in a field of it')
  const live = hasText(roots, field)
  const { found, make } = placeOf(roots, { op: 'text', fields })
  const present = found === undefined ? undefined : read(found)
  if (found !== undefined && 'list' in found) throw typeClash('text', fields, 'an item of a list')
  if (!live && present !== undefined && typeof present !== 'string') throw typeClash('text', fields, sharedKind(present))
  const text = textAt(roots, field)
  const start = live ? text.toString() : typeof present === 'string' ? present : ''
  const reach = delta.reduce((sum, one) => sum + ('retain' in one ? one.retain : 'delete' in one ? one.delete : 0), 0)
  if (reach > start.length) throw outOfRange('text', fields, `the delta reaches past the end of a text of ${start.length}`)
  if (!live) {
    const place = make()
    if ('map' in place && place.map.has(place.key)) place.map.delete(place.key)
    text.delete(0, text.length)
    if (start !== '') text.insert(0, start)
    roots.marks.set(TEXT_PREFIX + field, true)
  }
  text.applyDelta(delta.map((one) => ({ ...one })))
}
