import {
  createEncoder,
  toUint8Array,
  verifyLen,
  writeAny,
  writeUint8,
  writeUint8Array,
  writeVarInt,
  writeVarString,
  writeVarUint,
} from 'lib0/encoding'
import type { Encoder } from 'lib0/encoding'
import { isAscii } from '../../codec/text.js'
import type { ValueMap } from '../../model/value.js'
import { MAP_MARK } from './team-layout.js'

const CONTENT_ANY = 8
const HAS_PARENT_KEY = 0x20
const PARENT_IS_ROOT = 1
const EMPTY_STREAM = 0
/** How lib0's `writeAny` marks a string. */
const ANY_STRING = 119

/** Kept and used again: a new one costs more than what is written into it. */
const whole = createEncoder()
const part = createEncoder()

/**
 * The update of a `put` or `patch` of flat fields on a document that nobody wrote yet, written without Yjs's document and its nine encoders
 * (an import of thousands of documents waits for it). Byte for byte what Yjs itself writes: `team-creation.property.test.ts`.
 * undefined when a field is a map, a list or bytes.
 *
 * Format: yjs `UpdateEncoderV2.toUint8Array`: a zero, nine streams with their lengths, and the rest: counts, clocks and values.
 */
export function createFlatUpdate(client: number, value: ValueMap): Uint8Array | undefined {
  const entries = Object.entries(value)
  const items: (string | number | boolean | null)[] = []
  for (const [, item] of entries) {
    if (typeof item === 'object' && item !== null) return undefined
    items.push(item)
  }
  const update = restarted(whole)
  writeUint8(update, 0)
  // Key clocks, clients, left clocks, right clocks.
  writeUint8(update, EMPTY_STREAM)
  writeStream(update, (stream) => writeVarInt(stream, client))
  writeUint8(update, EMPTY_STREAM)
  writeUint8(update, EMPTY_STREAM)
  // Infos, strings, parent infos. Streams of bytes leave out how often their last value comes.
  writeStream(update, (stream) => writeUint8(stream, CONTENT_ANY | HAS_PARENT_KEY))
  writeStrings(update, entries)
  writeStream(update, (stream) => writeUint8(stream, PARENT_IS_ROOT))
  // Type references, lengths.
  writeUint8(update, EMPTY_STREAM)
  writeStream(update, (stream) => writeRun(stream, 1, entries.length + 1))
  // One client with so many items from clock 0 on; their values; nothing deleted.
  writeVarUint(update, 1)
  writeVarUint(update, entries.length + 1)
  writeVarUint(update, 0)
  writeAny(update, true)
  for (const item of items) {
    if (typeof item !== 'string') {
      writeAny(update, item)
      continue
    }
    writeUint8(update, ANY_STRING)
    writeText(update, item)
  }
  writeVarUint(update, 0)
  return toUint8Array(update)
}

/** Each item's root type and key, one after another, then the lengths of all. */
function writeStrings(update: Encoder, entries: readonly (readonly [string, unknown])[]): void {
  writeStream(update, (stream) => {
    let text = `m${MAP_MARK}`
    for (const [key] of entries) text += `f${key}`
    writeText(stream, text)
    const lengths = [1, MAP_MARK.length]
    for (const [key] of entries) lengths.push(1, key.length)
    for (let at = 0; at < lengths.length;) {
      const start = at
      const length = lengths[start] ?? 0
      while (lengths[at] === length) at++
      writeRun(stream, length, at - start)
    }
  })
}

/** lib0's `UintOptRleEncoder`: a value that comes once is positive; one that comes more often is negative, with the count less two. */
function writeRun(stream: Encoder, value: number, count: number): void {
  writeVarInt(stream, count === 1 ? value : -value)
  if (count > 1) writeVarUint(stream, count - 2)
}

function writeStream(update: Encoder, write: (stream: Encoder) => void): void {
  const stream = restarted(part)
  write(stream)
  const bytes = stream.bufs.length === 0 ? stream.cbuf.subarray(0, stream.cpos) : toUint8Array(stream)
  writeVarUint(update, bytes.length)
  writeUint8Array(update, bytes)
}

/** As lib0's `writeVarString`, without a call of the platform's encoder for short plain text. */
function writeText(update: Encoder, text: string): void {
  const { length } = text
  if (!isAscii(text)) return writeVarString(update, text)
  writeVarUint(update, length)
  verifyLen(update, length)
  const { cbuf, cpos } = update
  for (let index = 0; index < length; index++) cbuf[cpos + index] = text.charCodeAt(index)
  update.cpos = cpos + length
}

function restarted(encoder: Encoder): Encoder {
  encoder.cpos = 0
  encoder.bufs = []
  return encoder
}
