import { SpiceTimeError } from '../../errors/spice-time-error.js'

const MOST_VARINT_BYTES = 8

/** Collects bytes; whole numbers are LEB128 (7 bits a byte, the lowest first). */
export class PackedWriter {
  readonly #bytes: number[] = []

  get length(): number {
    return this.#bytes.length
  }

  number(value: number): void {
    let rest = value
    while (rest >= 128) {
      this.#bytes.push((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    this.#bytes.push(rest)
  }

  raw(bytes: Uint8Array): void {
    for (const byte of bytes) this.#bytes.push(byte)
  }

  take(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#bytes)
  }
}

/** Reads what a `PackedWriter` wrote; foreign bytes are refused, never trusted. */
export class PackedReader {
  readonly #bytes: Uint8Array<ArrayBuffer>
  #at = 0

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** @throws SpiceTimeError EVENT_MALFORMED */
  number(): number {
    let value = 0
    for (let index = 0; index < MOST_VARINT_BYTES; index++) {
      const byte = this.raw(1)[0] ?? 0
      value += (byte & 127) * 128 ** index
      if (byte >= 128) continue
      if ((byte === 0 && index > 0) || !Number.isSafeInteger(value)) break
      return value
    }
    throw unpackable('it holds a number that is too large or not in its shortest form')
  }

  /** A copy of the next bytes. @throws SpiceTimeError EVENT_MALFORMED */
  raw(length: number): Uint8Array<ArrayBuffer> {
    if (length > this.#bytes.length - this.#at) throw unpackable('it ends too early')
    this.#at += length
    return this.#bytes.slice(this.#at - length, this.#at)
  }
}

export function unpackable(why: string): SpiceTimeError {
  return new SpiceTimeError('EVENT_MALFORMED', `A memo was refused: ${why}.`)
}
