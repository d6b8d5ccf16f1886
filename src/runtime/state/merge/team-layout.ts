import * as Y from 'yjs'
import { MAX_VALUE_DEPTH } from '../../model/value.js'
import type { Value } from '../../model/value.js'
import { setAt } from './team-values.js'
import type { Draft } from './team-values.js'

/**
 * How a document lies in its Yjs document. Root types need no creating event, so two devices that start one document apart still merge:
 * - `f`: map of the fields; nested maps and lists are shared types, the rest registers;
 * - `m`: map of marks: `map` (it is a map, even when empty), `v` (the value of a document that is no map), `t:<field>` (a live text there);
 * - `a`: map of counters: `<field>#<item>#<client>` → what that client added to the register that `<item>` wrote, so that
 *   concurrent additions sum up and a later `put` starts anew;
 * - `t:<field>`: the text at that field.
 */
export interface TeamRoots {
  readonly doc: Y.Doc
  readonly fields: Y.Map<unknown>
  readonly marks: Y.Map<unknown>
  readonly added: Y.Map<unknown>
}

export const TEXT_PREFIX = 't:'
export const MAP_MARK = 'map'
export const SCALAR_MARK = 'v'

export function rootsOf(doc: Y.Doc): TeamRoots {
  return { doc, fields: doc.getMap('f'), marks: doc.getMap('m'), added: doc.getMap('a') }
}

export function textAt(roots: TeamRoots, field: string): Y.Text {
  return roots.doc.getText(TEXT_PREFIX + field)
}

export function hasText(roots: TeamRoots, field: string): boolean {
  return roots.marks.get(TEXT_PREFIX + field) === true
}

/** Names the write that a register holds now: additions belong to it and die with it. */
export function itemAt(map: Y.Map<unknown>, key: string): string {
  const item = map._map.get(key)
  return item === undefined ? '' : `${item.id.client}.${item.id.clock}`
}

/** The merged value; undefined when the document was removed or never written. */
export function readValue(roots: TeamRoots): Value | undefined {
  const sums = sumAdded(roots.added)
  const scalar = roots.marks.get(SCALAR_MARK)
  const scalarSum = sums.get(`#${itemAt(roots.marks, SCALAR_MARK)}`)
  if (scalar !== undefined) return readShared(scalar, '', { sums, added: scalarSum ?? 0, depth: 0 })
  if (scalarSum !== undefined && roots.fields.size === 0) return scalarSum
  const map = readMap(roots.fields, '', { sums, depth: 0 })
  addLooseSums(map, roots, sums)
  for (const mark of roots.marks.keys()) {
    if (mark.startsWith(TEXT_PREFIX)) setAt(map, mark.slice(TEXT_PREFIX.length).split('/'), roots.doc.getText(mark).toString())
  }
  return Object.keys(map).length > 0 || roots.marks.get(MAP_MARK) === true ? map : undefined
}

type Sums = ReadonlyMap<string, number>
const NO_SUMS: Sums = new Map()

/** Sums by `<field>#<item>`. Keys are sorted first: floating-point sums depend on their order. */
function sumAdded(added: Y.Map<unknown>): Sums {
  if (added.size === 0) return NO_SUMS
  const sums = new Map<string, number>()
  for (const key of [...added.keys()].sort()) {
    const amount = added.get(key)
    const group = key.slice(0, key.lastIndexOf('#'))
    if (typeof amount === 'number') sums.set(group, (sums.get(group) ?? 0) + amount)
  }
  return sums
}

/** Additions to registers that nobody wrote. */
function addLooseSums(map: Draft, roots: TeamRoots, sums: Sums): void {
  for (const [group, sum] of sums) {
    const end = group.indexOf('#')
    const fields = group.slice(0, end).split('/')
    if (end === 0) continue
    const parent = mapAt(roots.fields, fields.slice(0, -1))
    const key = fields.at(-1) ?? ''
    if (parent !== undefined && !parent.has(key) && itemAt(parent, key) === group.slice(end + 1)) setAt(map, fields, sum)
  }
}

/** The map at these segments, or undefined. */
export function mapAt(root: Y.Map<unknown>, fields: readonly string[]): Y.Map<unknown> | undefined {
  let at: unknown = root
  for (const segment of fields) {
    if (!(at instanceof Y.Map)) return undefined
    at = at.get(segment)
  }
  return at instanceof Y.Map ? at : undefined
}

interface Reading {
  readonly sums: Sums
  /** Maps and lists around it. */
  readonly depth: number
}

function readMap(shared: Y.Map<unknown>, field: string, { sums, depth }: Reading): Draft {
  const map: Draft = {}
  for (const [key, item] of shared.entries()) {
    const below = field === '' ? key : `${field}/${key}`
    const added = sums.size === 0 ? 0 : (sums.get(`${below}#${itemAt(shared, key)}`) ?? 0)
    const value = readShared(item, below, { sums, added, depth: depth + 1 })
    // A hostile update may name this key; it must never reach an object's prototype.
    if (value !== undefined && key !== '__proto__') map[key] = value
  }
  return map
}

/** `added`: what was added to the register, were it a number. What lies deeper than a value may reads as null: several updates may have nested it. */
function readShared(shared: unknown, field: string, reading: Reading & { readonly added: number }): Value | undefined {
  const { added, depth } = reading
  if (shared instanceof Y.Map) return depth < MAX_VALUE_DEPTH ? readMap(shared, field, reading) : null
  if (shared instanceof Y.Array) {
    if (depth >= MAX_VALUE_DEPTH) return null
    const items: readonly unknown[] = shared.toArray()
    return items.map((entry) => readShared(entry, field, { sums: NO_SUMS, added: 0, depth: depth + 1 }) ?? null)
  }
  if (typeof shared === 'number') return finite(shared + added)
  if (isScalar(shared)) return shared
  return shared instanceof Y.AbstractType ? undefined : readPlain(shared, depth)
}

/** What is no value of ours (NaN or an undefined from a foreign editor) reads as null rather than breaking the document. */
function finite(value: number): Value {
  return Number.isFinite(value) ? value : null
}

function isScalar(value: unknown): value is null | string | boolean | Uint8Array {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || value instanceof Uint8Array
}

/** A list or map that another editor wrote as one register: as much of it as a value can hold. */
function readPlain(value: unknown, depth: number): Value | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (depth >= MAX_VALUE_DEPTH) return null
  const read = (item: unknown): Value =>
    typeof item === 'number' ? finite(item) : isScalar(item) ? item : (readPlain(item, depth + 1) ?? null)
  if (Array.isArray(value)) return value.map(read)
  const entries = Object.entries(value).filter(([key]) => key !== '__proto__')
  return Object.fromEntries(entries.map(([key, item]) => [key, read(item)]))
}
