/** What a document may hold: the values of dag-cbor without links. Maps are plain objects with string keys. */
export type Value = null | boolean | number | string | Uint8Array | readonly Value[] | { readonly [key: string]: Value }
export type ValueMap = { readonly [key: string]: Value }

/** Maps and lists inside one another, at most. */
export const MAX_VALUE_DEPTH = 64

/** A plain map: neither null, a list, nor bytes. */
export function isValueMap(value: Value | undefined): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

export function isValueList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value)
}
