import * as Y from 'yjs'
import { isValueList, isValueMap } from '../../model/value.js'
import type { Value, ValueMap } from '../../model/value.js'

/** Items that are put into a list with one call. */
const AT_ONCE = 10_000

/** Maps and lists become shared types, so that fields below merge; everything else is one register. */
export function toShared(value: Value): unknown {
  if (isValueList(value)) return sharedList(value)
  if (!isValueMap(value)) return value
  const map = new Y.Map<unknown>()
  for (const [key, item] of Object.entries(value)) map.set(key, toShared(item))
  return map
}

export function sharedList(values: readonly Value[]): Y.Array<unknown> {
  const list = new Y.Array<unknown>()
  // Yjs spreads what it is given over the arguments of a call, and an engine has room for some hundred thousand.
  for (let at = 0; at < values.length; at += AT_ONCE) list.push(values.slice(at, at + AT_ONCE).map(toShared))
  return list
}

export function sharedKind(shared: unknown): string {
  if (shared === undefined) return 'nothing'
  if (shared === null) return 'null'
  if (shared instanceof Y.Map) return 'a map'
  if (shared instanceof Y.Array) return 'a list'
  if (shared instanceof Uint8Array) return 'bytes'
  switch (typeof shared) {
    case 'string':
      return 'text'
    case 'number':
      return 'a number'
    default:
      return 'a boolean'
  }
}

/** Whether a stored register or shared type holds just this value already. */
export function sharedEquals(shared: unknown, value: Value): boolean {
  if (shared instanceof Y.Map || shared instanceof Y.Array || shared === undefined) return false
  if (value instanceof Uint8Array)
    return shared instanceof Uint8Array && shared.length === value.length && shared.every((byte, index) => byte === value[index])
  return !isValueMap(value) && !isValueList(value) && Object.is(shared, value)
}

/** A mutable map while a value is put together. */
export type Draft = { [key: string]: Value }

export function setAt(root: Draft, fields: readonly string[], value: Value): void {
  let at: Draft = root
  for (const segment of fields.slice(0, -1)) {
    const next = at[segment]
    if (next !== undefined && !isValueMap(next)) return
    const copy: Draft = { ...(next ?? ({} satisfies ValueMap)) }
    at[segment] = copy
    at = copy
  }
  const last = fields.at(-1)
  if (last !== undefined) at[last] = value
}
