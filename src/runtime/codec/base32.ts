import { base32 } from 'multiformats/bases/base32'

/** RFC 4648 base32, lower case, no padding, without the multibase prefix. */
export function toBase32(bytes: Uint8Array): string {
  return base32.baseEncode(bytes)
}

/** @throws SyntaxError on a character outside the alphabet */
export function fromBase32(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(base32.baseDecode(text))
}
