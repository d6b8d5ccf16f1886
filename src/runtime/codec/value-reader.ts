import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { Value } from '../model/value.js'

/** Most levels of lists and maps in one another; far above what an event's size lets through, far below the stack. */
const MAX_DEPTH = 512
/** Longer keys are rarely names that come again. */
const LONGEST_KEPT_KEY = 32

/**
 * Reads dag-cbor values that the runtime itself wrote, one after another, from one chunk of bytes. Some three times as fast as a general
 * decoder: the chunk becomes one string at the start, and ASCII texts are slices of it.
 */
export class ValueReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  /** The chunk with one code unit for each byte; only its ASCII parts are right as text. */
  readonly #text: string
  readonly #keys: (string | undefined)[] = []
  #at = 0
  #depth = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#text = singleByte.decode(bytes)
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  uint8(): number {
    return this.#view.getUint8(this.#skip(1))
  }

  uint16(): number {
    return this.#view.getUint16(this.#skip(2))
  }

  uint32(): number {
    return this.#view.getUint32(this.#skip(4))
  }

  float64(): number {
    return this.#view.getFloat64(this.#skip(8))
  }

  ascii(length: number): string {
    const start = this.#skip(length)
    return this.#text.slice(start, start + length)
  }

  /** The value in the next `length` bytes. @throws SpiceTimeError RECORD_DAMAGED */
  value(length: number): Value {
    const end = this.#at + length
    const value = this.#value()
    if (this.#at !== end) throw damaged()
    return value
  }

  #value(): Value {
    const head = this.uint8()
    const low = head & 31
    switch (head >> 5) {
      case 0:
        return this.#argument(low)
      case 1:
        return -1 - this.#argument(low)
      case 2:
        // Not `slice`: a chunk that is one of Node's Buffers would share its memory.
        return new Uint8Array(this.#take(this.#argument(low)))
      case 3:
        return this.#string(this.#argument(low))
      case 4:
        return this.#list(this.#argument(low))
      case 5:
        return this.#map(this.#argument(low))
      case 7:
        return this.#simple(head)
      default:
        throw damaged()
    }
  }

  #argument(low: number): number {
    if (low < 24) return low
    if (low === 24) return this.uint8()
    if (low === 25) return this.uint16()
    if (low === 26) return this.uint32()
    if (low === 27) return this.uint32() * 2 ** 32 + this.uint32()
    throw damaged()
  }

  #string(length: number): string {
    const start = this.#skip(length)
    const end = this.#at
    const bytes = this.#bytes
    for (let at = start; at < end; at += 1) {
      if ((bytes[at] ?? 0) > 127) return unicode.decode(bytes.subarray(start, end))
    }
    return this.#text.slice(start, end)
  }

  #list(length: number): Value[] {
    this.#enter()
    const list: Value[] = []
    for (let index = 0; index < length; index += 1) list.push(this.#value())
    this.#depth -= 1
    return list
  }

  #map(length: number): { [key: string]: Value } {
    this.#enter()
    const map: { [key: string]: Value } = {}
    for (let index = 0; index < length; index += 1) {
      const head = this.uint8()
      if (head >> 5 !== 3) throw damaged()
      const key = this.#key(this.#argument(head & 31))
      // A plain assignment to this key would set the map's prototype.
      if (key === '__proto__')
        Object.defineProperty(map, key, { value: this.#value(), enumerable: true, configurable: true, writable: true })
      else map[key] = this.#value()
    }
    this.#depth -= 1
    return map
  }

  /** Keys come again with every document: the same string each time saves the engine a look into its table of names. */
  #key(length: number): string {
    const start = this.#at
    const bytes = this.#bytes
    const slot = (length * 7 + (bytes[start] ?? 0) * 31 + (bytes[start + length - 1] ?? 0)) & 255
    const known = this.#keys[slot]
    if (known !== undefined && this.#isNext(known, length)) {
      this.#skip(length)
      return known
    }
    const key = this.#string(length)
    if (length <= LONGEST_KEPT_KEY) this.#keys[slot] = key
    return key
  }

  #isNext(text: string, length: number): boolean {
    if (text.length !== length) return false
    for (let index = 0; index < length; index += 1) {
      if (text.charCodeAt(index) !== this.#bytes[this.#at + index]) return false
    }
    return true
  }

  #simple(head: number): Value {
    if (head === 0xf4) return false
    if (head === 0xf5) return true
    if (head === 0xf6) return null
    if (head === 0xfb) return this.float64()
    throw damaged()
  }

  #enter(): void {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) throw damaged()
  }

  #take(length: number): Uint8Array {
    const start = this.#skip(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** Moves on, and says from where. */
  #skip(length: number): number {
    const start = this.#at
    this.#at = start + length
    if (this.#at > this.#bytes.length) throw damaged()
    return start
  }
}

const unicode = new TextDecoder()
// Every encoding with one code unit for each byte would do; all ASCII stays as it is.
const singleByte = new TextDecoder('latin1')

function damaged(): SpiceTimeError {
  return new SpiceTimeError('RECORD_DAMAGED', 'A packed document can not be read. Reload the page; stored events are untouched.')
}
