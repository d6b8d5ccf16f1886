import { isValueList, isValueMap } from '../model/value.js'
import type { Value, ValueMap } from '../model/value.js'
import { isAscii } from './text.js'
import { ValueReader } from './value-reader.js'

/**
 * Canonical dag-cbor (https://ipld.io/specs/codecs/dag-cbor/spec/) for values without links: shortest integers, 64-bit floats, map keys by length
 * and then bytewise. Ours because every event is encoded three times on the way to disk, and this is some five times as fast as the general
 * library, whose output `dag-cbor.property.test.ts` compares byte for byte. docs/decisions/0007.
 */
export type Encodable =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Encodable[]
  | { readonly [key: string]: Encodable | undefined }

const INITIAL_BYTES = 4096
const utf8 = new TextEncoder()
let buffer = new Uint8Array(INITIAL_BYTES)
let view = new DataView(buffer.buffer)
let at = 0

/** Map entries that are undefined are left out; every other value must be one that dag-cbor holds (`parseValue` checks foreign ones). */
export function encode(value: Encodable): Uint8Array<ArrayBuffer> {
  at = 0
  write(value)
  return buffer.slice(0, at)
}

/** Up to two values one after the other, behind room for other bytes of the caller. @returns the bytes, and where the first value ends */
export function encodeBehind(
  room: number,
  first: Encodable | undefined,
  second: Encodable,
): { bytes: Uint8Array<ArrayBuffer>; end: number } {
  at = 0
  reserve(room)
  at = room
  if (first !== undefined) write(first)
  const end = at
  write(second)
  return { bytes: buffer.slice(0, at), end }
}

/** @throws SpiceTimeError RECORD_DAMAGED on bytes that are no dag-cbor value without links */
export function decode(bytes: Uint8Array): Value {
  return new ValueReader(bytes).value(bytes.length)
}

/** The fields of an encoded map; none when the bytes hold something else. @throws SpiceTimeError RECORD_DAMAGED */
export function decodeFields(bytes: Uint8Array): ValueMap {
  const value = decode(bytes)
  return isValueMap(value) ? value : {}
}

/** The items of an encoded list; none when the bytes hold something else. @throws SpiceTimeError RECORD_DAMAGED */
export function decodeItems(bytes: Uint8Array): readonly Value[] {
  const value = decode(bytes)
  return isValueList(value) ? value : []
}

function write(value: Encodable): void {
  switch (typeof value) {
    case 'string':
      return writeText(value)
    case 'number':
      return writeNumber(value)
    case 'boolean':
      return writeByte(value ? 0xf5 : 0xf4)
    default:
      return writeObject(value)
  }
}

function writeObject(value: Exclude<Encodable, string | number | boolean>): void {
  if (value === null) return writeByte(0xf6)
  if (value instanceof Uint8Array) {
    writeHead(0x40, value.length)
    reserve(value.length)
    buffer.set(value, at)
    at += value.length
  } else if (isList(value)) {
    writeHead(0x80, value.length)
    for (const item of value) write(item)
  } else writeMap(value)
}

function isList(value: object): value is readonly Encodable[] {
  return Array.isArray(value)
}

function writeMap(map: { readonly [key: string]: Encodable | undefined }): void {
  const keys = sortedKeys(map)
  writeHead(0xa0, keys.length)
  for (const key of keys) {
    const item = map[key]
    if (item === undefined) continue
    writeText(key)
    write(item)
  }
}

/** Of the entries that are defined. Most maps are written with keys that are in order already, or were put in order for the map before. */
function sortedKeys(map: { readonly [key: string]: Encodable | undefined }): readonly string[] {
  const keys = Object.keys(map)
  let sorted = true
  let kept = 0
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] ?? ''
    if (map[key] === undefined) continue
    if (kept > 0 && sorted && compareKeys(keys[kept - 1] ?? '', key) > 0) sorted = false
    keys[kept++] = key
  }
  keys.length = kept
  return sorted ? keys : keys.sort(compareKeys)
}

function compareKeys(a: string, b: string): number {
  if (isAscii(a) && isAscii(b)) return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
  const [left, right] = [utf8.encode(a), utf8.encode(b)]
  if (left.length !== right.length) return left.length - right.length
  const index = left.findIndex((byte, position) => byte !== right[position])
  return index < 0 ? 0 : (left[index] ?? 0) - (right[index] ?? 0)
}

function writeText(text: string): void {
  const { length } = text
  writeHead(0x60, length)
  reserve(length)
  const start = at
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index)
    if (unit > 127) return writeUnicode(text, start - headBytes(length))
    buffer[at++] = unit
  }
}

/** Starts the text over: its length in bytes is only known once it is encoded. */
function writeUnicode(text: string, start: number): void {
  const bytes = utf8.encode(text)
  at = start
  writeHead(0x60, bytes.length)
  reserve(bytes.length)
  buffer.set(bytes, at)
  at += bytes.length
}

function writeNumber(value: number): void {
  if (Number.isSafeInteger(value)) {
    if (value >= 0) writeHead(0x00, value)
    else writeHead(0x20, -1 - value)
    return
  }
  reserve(9)
  buffer[at] = 0xfb
  view.setFloat64(at + 1, value)
  at += 9
}

function headBytes(argument: number): number {
  if (argument < 24) return 1
  if (argument < 0x100) return 2
  if (argument < 0x10000) return 3
  return argument < 0x100000000 ? 5 : 9
}

/** The major type in the high bits, and its argument in the fewest bytes. */
function writeHead(major: number, argument: number): void {
  reserve(9)
  const size = headBytes(argument)
  if (size === 1) {
    buffer[at++] = major | argument
    return
  }
  if (size === 2) {
    buffer[at] = major | 24
    buffer[at + 1] = argument
  } else if (size === 3) {
    buffer[at] = major | 25
    view.setUint16(at + 1, argument)
  } else if (size === 5) {
    buffer[at] = major | 26
    view.setUint32(at + 1, argument)
  } else {
    buffer[at] = major | 27
    view.setUint32(at + 1, Math.floor(argument / 0x100000000))
    view.setUint32(at + 5, argument % 0x100000000)
  }
  at += size
}

function writeByte(byte: number): void {
  reserve(1)
  buffer[at++] = byte
}

function reserve(bytes: number): void {
  if (at + bytes <= buffer.length) return
  const larger = new Uint8Array(Math.max(buffer.length * 2, at + bytes))
  larger.set(buffer.subarray(0, at))
  buffer = larger
  view = new DataView(buffer.buffer)
}
