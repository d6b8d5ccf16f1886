import { SpiceTimeError } from '../../errors/spice-time-error.js'

/**
 * Bytes as the 94 printable ASCII characters without the space, 9 bytes in 11 characters: 6.55 bits a byte of UTF-8, where base64 has 6. All of
 * ASCII would have 7 and all of UTF-8 7.17, but the memo program's work was measured (real validator) as 353 compute units for a printable
 * byte, 476 for any ASCII and 630 for a mix of one- to three-byte characters, so that priority fees would eat what the fewer bytes save;
 * and control characters are escaped sixfold in JSON, and NUL is not taken by every database that serves history.
 */
const FIRST_CHARACTER = 0x21
const BASE = 94
const BLOCK_BYTES = 9
const BLOCK_CHARACTERS = 11
/** Characters for a last block of so many bytes. */
const CHARACTERS = [0, 2, 3, 4, 5, 7, 8, 9, 10, 11] as const

/** Characters that so many bytes take. */
export function base94Length(bytes: number): number {
  return Math.floor(bytes / BLOCK_BYTES) * BLOCK_CHARACTERS + (CHARACTERS[bytes % BLOCK_BYTES] ?? 0)
}

export function toBase94(bytes: Uint8Array): string {
  const codes = new Uint8Array(base94Length(bytes.length))
  let at = 0
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    const block = bytes.slice(start, start + BLOCK_BYTES)
    const length = CHARACTERS[block.length] ?? 0
    for (let digit = length - 1; digit >= 0; digit--) codes[at + digit] = FIRST_CHARACTER + divide(block)
    at += length
  }
  return String.fromCharCode(...codes)
}

/** @throws SpiceTimeError EVENT_MALFORMED on text that `toBase94` gives for no bytes */
export function fromBase94(text: string): Uint8Array<ArrayBuffer> {
  const rest = CHARACTERS.findIndex((length) => length === text.length % BLOCK_CHARACTERS)
  if (rest < 0) throw notBase94()
  const bytes = new Uint8Array(Math.floor(text.length / BLOCK_CHARACTERS) * BLOCK_BYTES + rest)
  for (let start = 0, at = 0; start < text.length; start += BLOCK_CHARACTERS, at += BLOCK_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_BYTES)
    for (const character of text.slice(start, start + BLOCK_CHARACTERS)) {
      const digit = character.charCodeAt(0) - FIRST_CHARACTER
      if (digit < 0 || digit >= BASE || multiplyAdd(block, digit) !== 0) throw notBase94()
    }
  }
  return bytes
}

/** Divides the big-endian number by the base in place, and gives the remainder. */
function divide(number: Uint8Array): number {
  let remainder = 0
  for (let index = 0; index < number.length; index++) {
    const value = remainder * 256 + (number[index] ?? 0)
    number[index] = Math.floor(value / BASE)
    remainder = value % BASE
  }
  return remainder
}

/** Multiplies the big-endian number by the base and adds the digit, in place; what it gives, if not 0, does not fit. */
function multiplyAdd(number: Uint8Array, digit: number): number {
  let carry = digit
  for (let index = number.length - 1; index >= 0; index--) {
    const value = (number[index] ?? 0) * BASE + carry
    number[index] = value & 255
    carry = value >> 8
  }
  return carry
}

function notBase94(): SpiceTimeError {
  return new SpiceTimeError('EVENT_MALFORMED', 'A memo was refused: its text is not the base 94 that events are written in.')
}
