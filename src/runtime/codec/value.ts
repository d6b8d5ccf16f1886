import { decode, encode } from './dag-cbor.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import { MAX_VALUE_DEPTH } from '../model/value.js'
import type { Value } from '../model/value.js'

/**
 * Checks that a foreign value is one that dag-cbor holds: no undefined, NaN, Infinity, bigint, function, symbol, cycle, class
 * instance, lone surrogate, `__proto__` key, or nesting deeper than 64.
 * @throws SpiceTimeError VALUE_NOT_ENCODABLE with the place in the value
 */
export function parseValue(value: unknown): Value {
  check(value, [], [])
  return value as Value
}

/** Canonical dag-cbor: https://ipld.io/specs/codecs/dag-cbor/spec/ */
export function encodeValue(value: Value): Uint8Array<ArrayBuffer> {
  return encode(value)
}

/** @throws SpiceTimeError VALUE_NOT_ENCODABLE */
export function decodeValue(bytes: Uint8Array): Value {
  let decoded: unknown
  try {
    decoded = decode(bytes)
  } catch (error) {
    throw new SpiceTimeError('VALUE_NOT_ENCODABLE', 'The bytes are not dag-cbor.', {}, error)
  }
  return parseValue(decoded)
}

/** Decodes bytes that this device encoded itself and whose checksum held: no second check of the values. */
export function decodeOwnValue(bytes: Uint8Array): Value {
  return decode(bytes) satisfies unknown as Value
}

function check(value: unknown, place: (string | number)[], open: object[]): void {
  switch (typeof value) {
    case 'boolean':
      return
    case 'string':
      if (!value.isWellFormed()) throw refused(place, 'a string with half a surrogate pair')
      return
    case 'number':
      if (!Number.isFinite(value)) throw refused(place, String(value))
      return
    case 'object':
      if (value === null) return
      checkObject(value, place, open)
      return
    default:
      throw refused(place, value === undefined ? 'undefined' : `a ${typeof value}`)
  }
}

function checkObject(value: object, place: (string | number)[], open: object[]): void {
  if (value instanceof Uint8Array) return
  if (open.includes(value)) throw refused(place, 'a cycle')
  if (open.length >= MAX_VALUE_DEPTH) throw refused(place, `nesting deeper than ${MAX_VALUE_DEPTH}`)
  open.push(value)
  const checkAt = (key: string | number, item: unknown): void => {
    place.push(key)
    check(item, place, open)
    place.pop()
  }
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) checkAt(index, value[index])
  } else {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) throw refused(place, 'an instance of a class')
    for (const [key, item] of Object.entries(value)) {
      if (key === '__proto__' || !key.isWellFormed()) throw refused(place, `the key '${key}'`)
      checkAt(key, item)
    }
  }
  open.pop()
}

function refused(place: readonly (string | number)[], what: string): SpiceTimeError {
  const where = place.length === 0 ? 'The value' : `The value at '${place.join('.')}'`
  return new SpiceTimeError(
    'VALUE_NOT_ENCODABLE',
    `${where} is ${what}, which can't be stored. Use null, booleans, finite numbers, text, bytes, lists and plain maps.`,
    {
      place: place.join('.'),
    },
  )
}
